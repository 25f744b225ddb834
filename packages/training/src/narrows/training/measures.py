"""What validation measures: how close the audio is, how the latents and the codebooks are used.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from narrows.losses import MelSpectrogramLoss, MultiResolutionSTFTLoss, SISDRLoss
from narrows.models.blocks.quantizers.health import count_codes, health_of_counts
from narrows.training.forward import Info

ACTIVE_VARIANCE = 0.01
"""A latent channel is active when its variance over the data is above this (Burda et al. 2016, arXiv 1509.00519)."""
MEL_WINDOWS, MEL_BANDS = (512, 2048), (40, 80)
"""Scales of the mel distance, in samples and bands: a short and a long one that fit every sample rate."""
SHORTEST = 2048
"""Shorter clips are padded with zeros to this many samples, which the longest window needs."""

Reduce = Callable[[Tensor], Tensor]


class AudioMeasures(nn.Module):
    """Distances of reconstructions from originals, of a whole batch.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        super().__init__()
        self.si_sdr = SISDRLoss()
        self.mel_distance = MelSpectrogramLoss(sample_rate, MEL_BANDS, MEL_WINDOWS, pow=1.0, mag_weight=0.0)
        self.stft_distance = MultiResolutionSTFTLoss()

    def forward(self, decoded: Tensor, reals: Tensor) -> dict[str, Tensor]:
        """`si_sdr` in dB; `mel_distance` of log magnitudes (base 10); `stft_distance` as the default loss."""
        missing = max(0, SHORTEST - decoded.shape[-1])
        decoded, reals = (nn.functional.pad(audio, (0, missing)) for audio in (decoded, reals))
        return {
            "si_sdr": -self.si_sdr(decoded, reals),
            "mel_distance": self.mel_distance(decoded, reals),
            "stft_distance": self.stft_distance(reals, decoded),
        }


class Measures:
    """Adds up what batches show, and makes figures of it.

    Args:
        model: whose bottleneck says how to read its tokens.
        audio: distances of audio.
    """

    def __init__(self, model: Any, audio: AudioMeasures) -> None:
        self._bottleneck = model.bottleneck
        self._audio = audio
        self._sums: dict[str, Tensor] = {}

    def add(self, info: Info) -> None:
        """Add a batch.

        Args:
            info: of `AutoencoderForward`.
        """
        clips = len(info["reals"])
        values = self._audio(info["decoded"], info["reals"])
        if "kl" in info:
            values["kl"] = info["kl"]
        for name, value in values.items():
            self._sum(name, value * clips)
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
