"""Changes to latents between encoder and decoder in training, and what they ask of the decoded audio.

A model of latents makes them only nearly right: noise teaches the decoder to cope (Yao et al. 2025, arXiv 2501.01423,
and Zheng et al. 2025, arXiv 2510.11690, train so). Latents that follow a change of the audio simply are simpler to
model (Kouzelis et al. 2025, arXiv 2502.09509): louder audio has larger latents (Torres et al. 2025, arXiv 2510.23530),
earlier audio has latents that lie between the frames. There the decoder gets changed latents, and has to make the
changed audio.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Change:
    """The change of one batch."""

    ratio: int
    """Samples a frame."""
    gains: Tensor | None = None
    """Factors `(B, 1, 1)` of latents and audio; None for one."""
    shift: int = 0
    """Samples by which the audio comes earlier, less than a frame; then the last frame is left out."""

    @property
    def is_none(self) -> bool:
        """Whether everything stays as it is."""
        return self.gains is None and not self.shift

    def of_latents(self, latents: Tensor) -> Tensor:
        """Latents `(B, D, L)` changed as the audio is, with a frame less where they are shifted."""
        if self.gains is not None:
            latents = latents * self.gains.to(latents.dtype)
        if self.shift:
            latents = torch.lerp(latents[..., :-1], latents[..., 1:], self.shift / self.ratio)
        return latents

    def of_audio(self, audio: Tensor) -> Tensor:
        """Audio `(B, C, T)` changed."""
        changed = self.of_samples(audio)
        return changed if self.gains is None else changed * self.gains.to(changed.dtype)

    def of_samples(self, values: Tensor) -> Tensor:
        """What belongs to samples, e.g. a mask `(B, T)`, shifted."""
        if not self.shift:
            return values
        frames = -(-values.shape[-1] // self.ratio)
        return values[..., self.shift : self.shift + (frames - 1) * self.ratio]


@dataclass(frozen=True)
class LatentAugmentation:
    """What is changed.

    Args:
        noise: largest deviation of added noise, as a share of that of each channel; each item draws its own, from 0.
        gain: largest gain of an item in dB, up or down.
        shift: share of the batches that are shifted by a part of a frame.
    """

    noise: float = 0.0
    gain: float = 0.0
    shift: float = 0.0

    def change(self, latents: Tensor, ratio: int) -> Change:
        """Draw the change of a batch.

        Args:
            latents: `(B, D, L)`.
            ratio: samples a frame.
        """
        gains, shift = None, 0
        if self.gain > 0:
            decibels = (2 * torch.rand(len(latents), 1, 1, device=latents.device) - 1) * self.gain
            gains = 10 ** (decibels / 20)
        if self.shift > 0 and latents.shape[-1] > 1 and ratio > 1 and float(torch.rand(())) < self.shift:
            shift = int(torch.randint(1, ratio, ()))
        return Change(ratio, gains, shift)

    def noisy(self, latents: Tensor) -> Tensor:
        """Latents `(B, D, L)` with noise."""
        if self.noise == 0:
            return latents
        deviations = latents.detach().std(dim=(0, 2), keepdim=True)
        shares = self.noise * torch.rand(len(latents), 1, 1, device=latents.device)
        return latents + (shares * deviations).to(latents.real.dtype) * torch.randn_like(latents)
