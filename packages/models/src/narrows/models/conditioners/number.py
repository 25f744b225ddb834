"""Fourier features of a number (stable-audio-tools, stable-audio-3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from narrows.configs import NumberConditionerConfig
from narrows.models._options import options
from narrows.models.blocks.fourier import ExponentialFourierFeatures
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Conditioner, ConditionError, Generators, single_tokens
from narrows.models.conditioners.values import number_of, out_of_range_problem
from narrows.models.pretransforms import Pretransform

FEATURES = 256
HIGHEST = 10000.0
"""Exponential frequency of stable-audio-3: two numbers that differ by a ten-thousandth look as different as any."""


class LearnedFeatures(nn.Module):
    """A number, and sines and cosines of it at learned frequencies.

    Args:
        count: sines and cosines together; even.
        std: standard deviation of the initial frequencies.

    Shape:
        `(B,)` → `(B, count + 1)`
    """

    # `weights` is part of the checkpoint format.
    def __init__(self, count: int, std: float = 16.0) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(count // 2) * std)

    def forward(self, x: Tensor) -> Tensor:
        """Features of numbers."""
        x = x[:, None]
        angles = x * self.weights * 2 * math.pi
        return torch.cat((x, angles.sin(), angles.cos()), dim=-1)


class NumberEmbedder(nn.Module):
    """Features of a number, mixed by a linear layer.

    Args:
        width: of what comes out (D).
        kind: `learned` or `expo`, the frequencies.
        highest: of exponential frequencies, in periods over the range.

    Shape:
        `(B,)` → `(B, D)`
    """

    # `embedding` and its numbers are part of the checkpoint format.
    def __init__(self, width: int, kind: Literal["learned", "expo"], highest: float = HIGHEST) -> None:
        super().__init__()
        learned = kind == "learned"
        features = LearnedFeatures(FEATURES) if learned else ExponentialFourierFeatures(FEATURES, highest=highest)
        self.embedding = nn.Sequential(features, nn.Linear(FEATURES + learned, width))

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings of numbers."""
        embedded: Tensor = self.embedding(x)
        return embedded


class NumberConditioner(Conditioner):
    """A number of a range, scaled to 0 to 1 and embedded by Fourier features.

    Args:
        output_dim: width (D).
        min_val: least value; smaller ones become it.
        max_val: greatest value; greater ones become it.
        fourier_features_type: learned frequencies, or exponential ones (stable-audio-3).
        highest_frequency: of the exponential ones, in periods over the range; None for 10000. Lower ones let a model
            make what lies between the numbers it was trained on.
        out_of_range: what a request does with a value outside.

    Shape:
        numbers → `(B, 1, D)`, mask `(B, 1)`
    """

    # `embedder` is part of the checkpoint format.
    def __init__(
        self,
        output_dim: int,
        min_val: float = 0,
        max_val: float = 1,
        fourier_features_type: Literal["learned", "expo"] = "learned",
        highest_frequency: float | None = None,
        out_of_range: Literal["error", "clamp"] = "error",
    ) -> None:
        super().__init__(output_dim, output_dim)
        self.min_val, self.max_val, self.out_of_range = min_val, max_val, out_of_range
        self.embedder = NumberEmbedder(
            output_dim, fourier_features_type, HIGHEST if highest_frequency is None else highest_frequency
        )

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; texts of a number pass too. `generator` is not used."""
        numbers = torch.tensor([_float(value) for value in values], device=device)
        scaled = (numbers.clamp(self.min_val, self.max_val) - self.min_val) / (self.max_val - self.min_val)
        return single_tokens(self.embedder(scaled.to(next(self.embedder.parameters()).dtype)))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        number = number_of(value)
        if number is None:
            return "must be a number"
        return out_of_range_problem(number, self.min_val, self.max_val, self.out_of_range)


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ConditionError(f"must be a number, got {value!r}") from error


@build_conditioner.register
def _(config: NumberConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> NumberConditioner:
    return NumberConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
