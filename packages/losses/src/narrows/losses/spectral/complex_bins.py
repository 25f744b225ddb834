"""Multi-resolution distance of complex spectra of waveforms (EulerAudioBackbone).

Letters: B batch, C channels, T samples, F frequency bins, L frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from narrows.losses.spectrograms import floored
from narrows.models.spectral.stft import STFT


class ComplexMultiResolutionLoss(nn.Module):
    """Convergence of complex spectra and mean distance of their bins, and of magnitudes, at several resolutions.

    Unlike `MultiResolutionSTFTLoss`, which looks at magnitudes, the first two terms see the phases.

    Args:
        fft_sizes: in samples.
        hop_sizes: in samples, as many; None for quarters of the FFT sizes.
        win_lengths: in samples, as many; None for the FFT sizes.
        factor_sc: weight of the spectral convergence `‖y - x‖ / ‖y‖`, channel by channel.
        factor_mag: weight of the mean of `|x - y|` over bins.
        factor_linear_mag: weight of the mean of `||x| - |y||`.
        factor_log_mag: weight of the mean of `|log |x| - log |y||`.
        eps: floor of the norm that convergence is relative to.
        eps_mag: floor of magnitudes.
        reduction: `mean` or `sum` over resolutions.
        transform: applied to the complex spectra `(B, C, F, L)` before they are compared, e.g. a model's pre-transform.

    Shape:
        input and target `(B, C, T)` → scalar
    """

    def __init__(
        self,
        fft_sizes: Sequence[int] = (512, 1024, 2048, 4096),
        hop_sizes: Sequence[int] | None = None,
        win_lengths: Sequence[int] | None = None,
        *,
        factor_sc: float = 1.0,
        factor_mag: float = 1.0,
        factor_linear_mag: float = 0.0,
        factor_log_mag: float = 0.0,
        eps: float = 1e-8,
        eps_mag: float = 1e-8,
        reduction: Literal["mean", "sum"] = "mean",
        transform: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        hops = [size // 4 for size in fft_sizes] if hop_sizes is None else hop_sizes
        lengths = fft_sizes if win_lengths is None else win_lengths
        if not len(fft_sizes) == len(hops) == len(lengths):
            counts = f"{len(fft_sizes)} fft_sizes, {len(hops)} hop_sizes, {len(lengths)} win_lengths"
            raise ValueError(f"One entry a resolution: {counts}")
        if not any((factor_sc, factor_mag, factor_linear_mag, factor_log_mag)):
            raise ValueError("All factors are 0: set one of factor_sc, factor_mag, factor_linear_mag, factor_log_mag")
        self.resolutions = nn.ModuleList(STFT(*options) for options in zip(fft_sizes, hops, lengths, strict=True))
        self.factors = (factor_sc, factor_mag, factor_linear_mag, factor_log_mag)
        self.eps, self.eps_mag, self.reduction, self.transform = eps, eps_mag, reduction, transform

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare two signals."""
        if input.shape != target.shape:
            raise ValueError(f"Cannot compare shapes {tuple(input.shape)} and {tuple(target.shape)}")
        losses = torch.stack([self._at(resolution, input, target) for resolution in self.resolutions])
        return losses.mean() if self.reduction == "mean" else losses.sum()

    def _at(self, resolution: nn.Module, input: Tensor, target: Tensor) -> Tensor:
        x, y = (resolution.encode(signal.float()) for signal in (input, target))  # type: ignore[operator]
        if self.transform is not None:
            x, y = self.transform(x), self.transform(y)
        terms: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
            self._convergence,
            lambda x, y: (x - y).abs().mean(),
            lambda x, y: (floored(x, self.eps_mag) - floored(y, self.eps_mag)).abs().mean(),
            lambda x, y: (floored(x, self.eps_mag).log() - floored(y, self.eps_mag).log()).abs().mean(),
        )
        values = [factor * term(x, y) for factor, term in zip(self.factors, terms, strict=True) if factor]
        return torch.stack(values).sum()

    def _convergence(self, x: Tensor, y: Tensor) -> Tensor:
        difference, size = (torch.linalg.vector_norm(z, dim=(-2, -1)) for z in (y - x, y))
        relative: Tensor = difference / size.clamp_min(self.eps)
        return relative.mean()
