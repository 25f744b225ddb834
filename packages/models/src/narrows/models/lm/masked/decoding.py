"""Filling in hidden tokens, codebook by codebook, the likeliest first (Ziv et al. 2024, arXiv 2401.04577, 3).

At each step of a codebook the network sees the tokens that it was sure of, draws all others, and hides again those that
it was least sure of: fewer and fewer of them, by a quarter of a cosine.

Letters: B batch, K codebooks, T frames, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import pi
from typing import Any, Literal

import torch
from torch import Tensor

from narrows.models.finite import LogitCheck
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.generation import GenerationOptions
from narrows.models.lm.masked.spans import Anywhere, Arrangement, Grid
from narrows.models.lm.sampling import noise_of

COLDEST = 0.01
"""Lowest temperature of a draw."""


@dataclass(frozen=True)
class Decoding:
    """How hidden tokens are filled in.

    Args:
        steps: of each codebook; the last holds for those behind it too.
        span_scoring: how sure a span is: as its likeliest token, or as all of them together.
        span_arrangement: spans side by side, or beginning anywhere.
        anneal_temperature: lower the temperature to 0 over the steps of a codebook.
        final_cfg_scale: guidance of the last step of a codebook; that of the first is the call's `cfg_scale`.
    """

    steps: Sequence[int] = (20, 10, 10, 10)
    span_scoring: Literal["max", "prod"] = "max"
    span_arrangement: Literal["nonoverlap", "stride1"] = "nonoverlap"
    anneal_temperature: bool = True
    final_cfg_scale: float = 1.0

    def steps_of(self, codebook: int) -> int:
        """Steps of a codebook."""
        return self.steps[min(codebook, len(self.steps) - 1)]


def generate_masked(
    network: Any,
    prompt: Tensor,
    frames: int,
    conditions: Conditions,
    null: Conditions | None,
    options: GenerationOptions,
) -> Tensor:
    """Generate codes `(B, K, T)`.

    Args:
        network: in eval mode.
        prompt: `(B, K, t)`: the first frames, which come back as they are, but for those of `options.regenerate`
            `(B, t)`.
        frames: T.
        conditions: those of the batch, not projected.
        null: what guidance leads away from; None for no guidance.
        options: how codes are generated.
    """
    batch, codebooks, given = prompt.shape
    decoding = network.decoding
    if options.decoding_steps is not None:
        decoding = replace(decoding, steps=options.decoding_steps)
    held = torch.zeros(batch, frames, dtype=torch.bool, device=prompt.device)
    held[:, :given] = True if options.regenerate is None else ~options.regenerate
    codes = prompt.new_full((batch, codebooks, frames), network.special)
    codes[..., :given] = prompt
    if bool(held.all()):
        return codes
    codes.masked_fill_(~held[:, None], network.special)
    known, codes = codes, torch.full_like(codes, network.special)
    filling = _Filling(network, decoding, options, _Guided(network, conditions, null))
    done, total = 0, sum(decoding.steps_of(codebook) for codebook in range(codebooks))
    for codebook in range(codebooks):
        codes[:, codebook] = known[:, codebook]
        for _ in filling.steps(codes, codebook, held):
            done += 1
            if options.on_step is not None:
                options.on_step(done, total)
    return codes


class _Guided:
    """What the network says of a codebook, guided."""

    def __init__(self, network: Any, conditions: Conditions, null: Conditions | None) -> None:
        self.network, self.guided = network, null is not None
        self.conditions = network.backbone.project(conditions if null is None else conditions.joined(null))

    def logits(self, codes: Tensor, codebook: int, scale: float) -> Tensor:
        """`(B, T, V)`"""
        logits: Tensor = self.network(codes.repeat(2, 1, 1) if self.guided else codes, codebook, self.conditions)
        if not self.guided:
            return logits
        conditional, unconditional = logits.chunk(2)
        return unconditional + (conditional - unconditional) * scale


class _Filling:
    """Fills in the tokens of one codebook after the other."""

    def __init__(self, network: Any, decoding: Decoding, options: GenerationOptions, guided: _Guided) -> None:
        self.special, self.span = network.special, network.span_len
        self.decoding, self.guided = decoding, guided
        self.draw, self.cfg_scale = options.draw, options.cfg_scale
        self.noise = noise_of(options.generator)
        self.checked = LogitCheck(network)

    def steps(self, codes: Tensor, codebook: int, held: Tensor) -> Iterator[None]:
        """Fill in a codebook of `codes` `(B, K, T)`, in place, where it is not held `(B, T)`."""
        spans, steps = self._spans(held), self.decoding.steps_of(codebook)
        free, scores, tokens = spans.free(), spans.start(), codes[:, codebook]
        shares = torch.cos(torch.linspace(0, 1, steps) * (pi * 0.5)).tolist()
        for left, share in zip(reversed(range(steps)), shares, strict=True):
            counts = (share * free).long().clamp(min=1).minimum(free)
            hidden = spans.hidden(scores, counts) & ~held
            tokens[hidden] = self.special
            scale = share * self.cfg_scale + (1 - share) * self.decoding.final_cfg_scale
            logits = self.checked.see(self.guided.logits(codes, codebook, scale))
            self.checked.check()
            drawn, probabilities = self._drawn(logits, left / steps)
            tokens.copy_(torch.where(hidden, drawn, tokens))
            scores = spans.scores(probabilities, hidden)
            yield

    def _drawn(self, logits: Tensor, heat: float) -> tuple[Tensor, Tensor]:
        """Tokens `(B, T)` of logits, and how likely they were."""
        draw, temperature = self.draw, 1.0
        if draw.temperature > 0:
            temperature = max(draw.temperature * (heat if self.decoding.anneal_temperature else 1.0), COLDEST)
            draw = replace(draw, temperature=temperature)
        drawn = draw(logits, self.noise)
        probabilities = torch.softmax(logits.float() / temperature, dim=-1)
        return drawn, probabilities.gather(-1, drawn[..., None])[..., 0]

    def _spans(self, held: Tensor) -> Arrangement:
        if self.span == 1 or self.decoding.span_arrangement == "nonoverlap":
            return Grid(held, self.span, self.decoding.span_scoring)
        return Anywhere(held, self.span)
