"""What validation measures: how close the audio is, how the latents and the codebooks are used.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from narrows.models.blocks.quantizers.health import count_codes, health_of_counts
from narrows.training.forward import Info
from narrows.training.metrics import Metric, mel_distance, si_sdr, stft_distance

ACTIVE_VARIANCE = 0.01
"""A latent channel is active when its variance over the data is above this (Burda et al. 2016, arXiv 1509.00519)."""

Reduce = Callable[[Tensor], Tensor]


AUDIO_METRICS: dict[str, Metric] = {"si_sdr": si_sdr, "mel_distance": mel_distance, "stft_distance": stft_distance}
"""The metrics of audio in every validation. PESQ is not among them: it is meant for speech and refuses silence."""


class Measures:
    """Adds up what batches show, and makes figures of it.

    Args:
        model: whose bottleneck says how to read its tokens.
        sample_rate: in Hz.
        more: metrics of audio beside `AUDIO_METRICS`, by name.
    """

    def __init__(self, model: Any, sample_rate: int, more: Mapping[str, Metric] | None = None) -> None:
        self._bottleneck = model.bottleneck
        self._sample_rate = sample_rate
        self._metrics = AUDIO_METRICS | dict(more or {})
        self._sums: dict[str, Tensor] = {}

    def add(self, info: Info) -> None:
        """Add a batch.

        Args:
            info: of `AutoencoderForward`.
        """
        clips = len(info["reals"])
        for name, metric in self._metrics.items():
            pairs = zip(info["reals"], info["decoded"], strict=True)
            self._sum(name, torch.tensor(sum(metric(*pair, self._sample_rate) for pair in pairs)))
        if "kl" in info:
            self._sum("kl", info["kl"] * clips)
        self._sum("clips", torch.tensor(float(clips)))
        means = self._means(info)
        moments = torch.stack([torch.ones_like(means), means, means.square()])
        self._sum("moments", moments.double().sum(dim=(1, 3)))
        if self._bottleneck is not None and self._bottleneck.is_discrete:
            tokens = self._bottleneck.tokens(info)
            self._sum("codes", count_codes(tokens, self._bottleneck.codebook_size))

    def figures(self, reduce: Reduce) -> dict[str, float]:
        """Means over all clips.

        Args:
            reduce: sums a tensor over all processes.
        """
        sums = {name: reduce(value.double()) for name, value in self._sums.items()}
        clips = sums.pop("clips")
        count, first, second = sums.pop("moments")
        variance = second / count - (first / count).square()
        figures = {"active_dimensions": float((variance > ACTIVE_VARIANCE).sum())}
        if "codes" in sums:
            figures |= _codebook_figures(sums.pop("codes"))
        return {name: float(value / clips) for name, value in sums.items()} | figures

    def _sum(self, name: str, value: Tensor) -> None:
        value = value.detach()
        self._sums[name] = self._sums[name] + value if name in self._sums else value

    def _means(self, info: Info) -> Tensor:
        """Latents without the noise of variational bottlenecks: `(B, D, L)`."""
        latents: Tensor = info["latents"]
        before: Tensor = info["pre_bottleneck_latents"]
        return before.chunk(2, dim=1)[0] if before.shape[1] == 2 * latents.shape[1] else latents


def _codebook_figures(counts: Tensor) -> dict[str, float]:
    """Use and perplexity of the codebooks: the mean, and each when there are several."""
    health = health_of_counts(counts)
    figures = {"codebook_use": float(health.usage.mean()), "codebook_perplexity": float(health.perplexity.mean())}
    if len(counts) > 1:
        for number, (usage, perplexity) in enumerate(zip(health.usage, health.perplexity, strict=True), 1):
            figures |= {f"codebook_use/{number}": float(usage), f"codebook_perplexity/{number}": float(perplexity)}
    return figures
