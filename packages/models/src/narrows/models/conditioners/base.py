"""What every conditioner is.

Letters: B batch, N tokens, D width, L latent frames.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn

from narrows.configs import NarrowsError
from narrows.models.conditioners.cache import EmbeddingCache

Generators = Generator | Sequence[Generator] | None
"""Source of draws: one for a batch, or one an item, so that no item depends on the others."""


class ConditionError(NarrowsError, ValueError):
    """A condition that a conditioner cannot use, or one that is missing."""


class Condition(NamedTuple):
    """What a conditioner gives for a batch."""

    embeddings: Tensor
    """`(B, N, D)`; `(B, D, L)` of conditioners that go frame by frame with the latents."""
    mask: Tensor | None
    """`(B, N)` or `(B, L)`, true or 1 where something stands; None for conditions that came encoded."""


class AudioInput(NamedTuple):
    """What audio a condition is made of, for those who have it in files."""

    sample_rate: int | None = None
    """Rate that the conditioner takes, in Hz; None for that of the model."""
    framewise: bool = False
    """Whether it goes frame by frame with what is generated, and so has its length."""
    sources: tuple[str, ...] | None = None
    """Names of the waveforms of a mapping; None where the value is one waveform."""


class Conditioner(nn.Module, ABC):
    """Turns the values of one condition into embeddings.

    Args:
        dim: width of what is embedded.
        output_dim: width of what comes out (D).
        project_out: project even where the widths are equal.
    """

    cache: EmbeddingCache | None = None
    """Where those that read text through a frozen encoder keep what it made of a text."""
    audio_input: AudioInput | None = None
    """What audio it reads; None where its values are no audio."""

    # `proj_out` is part of the checkpoint format.
    def __init__(self, dim: int, output_dim: int, project_out: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.output_dim = output_dim
        self.proj_out = nn.Linear(dim, output_dim) if dim != output_dim or project_out else nn.Identity()

    @property
    def frozen_parameters(self) -> int | None:
        """Parameters of frozen networks outside the state dict; None where only files that are not here could tell."""
        return 0

    @abstractmethod
    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """Embeddings of one value an item, as leniently as the references: out of range becomes the nearest.

        Args:
            values: of every item of a batch.
            device: where the embeddings are made; the conditioner's parameters must be there.
            generator: source of draws, for those that draw.
        """

    @abstractmethod
    def problem(self, value: Any) -> str | None:
        """What is wrong with a value in a request, as `must be …`; None when nothing is.

        Stricter than `forward`: a value out of range is wrong here unless an option says that it is clamped.
        """

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """Free what is only needed to encode; it comes back at the next call.

        Args:
            keep_on: device where frozen networks wait instead; None to drop those that can be loaded again.
        """
        return None

    def project(self, embeddings: Tensor) -> Tensor:
        """Embeddings `(..., dim)` as wide as they come out, in the precision of the projection if there is one."""
        if isinstance(self.proj_out, nn.Linear):
            embeddings = embeddings.to(self.proj_out.weight.dtype)
        projected: Tensor = self.proj_out(embeddings)
        return projected


def single_tokens(embeddings: Tensor) -> Condition:
    """The condition of one vector an item, `(B, D)`."""
    return Condition(embeddings[:, None], torch.ones(len(embeddings), 1, device=embeddings.device))


def stacked(tensors: Sequence[Any], device: torch.device | str, what: str) -> Tensor:
    """One tensor of those of a batch.

    Raises:
        ConditionError: they have different shapes, or are no tensors.
    """
    try:
        rows = [torch.as_tensor(tensor) for tensor in tensors]
    except (TypeError, ValueError, RuntimeError) as error:
        kinds = ", ".join(sorted({type(tensor).__name__ for tensor in tensors}))
        raise ConditionError(f"{what} must be tensors, got {kinds}") from error
    shapes = {tuple(row.shape) for row in rows}
    if len(shapes) > 1:
        listed = ", ".join(str(shape) for shape in sorted(shapes))
        raise ConditionError(f"{what} of one batch must have one shape, got {listed}: pad or crop them alike")
    return torch.stack(rows).to(device)
