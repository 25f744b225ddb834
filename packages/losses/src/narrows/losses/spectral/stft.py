"""Distance of two signals in one short-time Fourier transform.

Letters: B batch, C channels, N = B · C signals, T samples, F frequency bins, L frames.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from narrows.audio.windows import get_window
from narrows.losses.spectral.fused import Weights, spectral_distance
from narrows.losses.spectral.mel import mel_filters
from narrows.losses.spectral.transform import real_stft
from narrows.losses.spectral.weighting import AWeighting

Parts = tuple[Tensor, Tensor, Tensor, Tensor]
"""Spectral convergence `(N, 1, 1)`, log magnitude, linear magnitude and phase distance, each before its weight."""

EMPTY_BAND = 1e-20
"""Magnitude of mel bands without a bin; far below any that has one."""


class STFTLoss(nn.Module):
    """Spectral convergence, log and linear magnitude and phase distance (Arik et al. 2018; Engel et al. 2020).

    `transform` and `compare` are the two halves of `forward`, for those who compare one signal in several ways and
    want to transform it once.

    Args:
        fft_size: in samples.
        hop_size: in samples.
        win_length: in samples, at most `fft_size`.
        window: name of the window.
        w_sc: weight of spectral convergence, relative to the target.
        w_log_mag: weight of the log magnitude distance.
        w_lin_mag: weight of the linear magnitude distance.
        w_phs: weight of the distance of complex bins, relative to their mean magnitude.
        sample_rate: in Hz; needed for `scale` and `perceptual_weighting`.
        scale: `mel` compares mel bands.
        n_bins: their number.
        perceptual_weighting: A-weight both signals first.
        scale_invariance: scale the target's magnitudes to the input's by least squares, signal by signal (the
            reference mixes up the axes here and works for a single signal only).
        eps: floor of squared magnitudes.
        output: `loss`, or `full` for the loss followed by its four parts.
        reduction: `mean`, `sum` or `none`, of the parts and of their sum.
        mag_distance: `L1` or `L2`, of magnitudes.
        retain_batch_dim: one value a signal.
        log_eps: added to magnitudes inside the logarithm.
        log_fac: factor of magnitudes inside the logarithm.

    Shape:
        input and target `(B, C, T)` → scalar, or `(N,)` with `retain_batch_dim`
    """

    window: Tensor
    filters: Tensor | None

    def __init__(
        self,
        fft_size: int = 1024,
        hop_size: int = 256,
        win_length: int = 1024,
        window: str = "hann_window",
        w_sc: float = 1.0,
        w_log_mag: float = 1.0,
        w_lin_mag: float = 0.0,
        w_phs: float = 0.0,
        sample_rate: float | None = None,
        scale: Literal["mel"] | None = None,
        n_bins: int | None = None,
        perceptual_weighting: bool = False,
        scale_invariance: bool = False,
        eps: float = 1e-8,
        output: Literal["loss", "full"] = "loss",
        reduction: Literal["mean", "sum", "none"] = "mean",
        mag_distance: Literal["L1", "L2"] = "L1",
        retain_batch_dim: bool = False,
        log_eps: float = 0.0,
        log_fac: float = 1.0,
    ) -> None:
        super().__init__()
        if win_length > fft_size:
            raise ValueError(f"The window of {win_length} samples is longer than the FFT of {fft_size}")
        if not any((w_sc, w_log_mag, w_lin_mag, w_phs)):
            raise ValueError("All weights are 0: set one of w_sc, w_log_mag, w_lin_mag and w_phs")
        if (scale or perceptual_weighting) and sample_rate is None:
            raise ValueError("sample_rate is needed for a frequency scale and for perceptual_weighting")
        self.fft_size, self.hop_size, self.win_length = fft_size, hop_size, win_length
        self.weights = (w_sc, w_log_mag, w_lin_mag, w_phs)
        self.scale_invariance = scale_invariance
        self.eps, self.log_eps, self.log_fac = eps, log_eps, log_fac
        self.output, self.reduction, self.mag_distance = output, reduction, mag_distance
        self.retain_batch_dim = retain_batch_dim
        self.prefilter = AWeighting(sample_rate) if perceptual_weighting and sample_rate else nn.Identity()
        self.register_buffer("window", get_window(window, win_length), persistent=False)
        self.register_buffer("filters", self._filters(scale, n_bins, sample_rate), persistent=False)

    def _filters(self, scale: str | None, n_bins: int | None, sample_rate: float | None) -> Tensor | None:
        if scale is None:
            return None
        if scale != "mel":
            raise ValueError(f"Unknown frequency scale {scale!r}: use 'mel', or None for linear")
        if n_bins is None or sample_rate is None:
            raise ValueError("n_bins, the number of mel bands, is needed for scale 'mel'")
        return mel_filters(sample_rate, self.fft_size, n_bins)

    def forward(self, input: Tensor, target: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Compare two signals."""
        if input.shape != target.shape:
            raise ValueError(f"Cannot compare shapes {tuple(input.shape)} and {tuple(target.shape)}")
        x, y = (self.transform(self.prefilter(s)).flatten(0, -3) for s in (input, target))
        return self.compare(x, y)

    def transform(self, x: Tensor) -> Tensor:
        """Complex spectra `(..., F, L)` of signals `(..., T)`; half precision is raised to single."""
        x = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        window = self.window.to(x.dtype)
        spectra = real_stft(x.reshape(-1, x.shape[-1]), self.fft_size, self.hop_size, window)
        return spectra.reshape(*x.shape[:-1], *spectra.shape[-2:])

    def compare(self, x: Tensor, y: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The loss of complex spectra `(N, F, L)` of input and target."""
        if self._is_usual and not torch.compiler.is_compiling():
            w_sc, w_log_mag, w_lin_mag, _ = self.weights
            return spectral_distance(x, y, Weights(w_sc, w_log_mag, w_lin_mag, self.eps, self.log_fac, self.log_eps))
        parts = self._parts(x, y)
        loss = sum(weight * part for weight, part in zip(self.weights, parts, strict=True))
        assert isinstance(loss, Tensor)
        loss = self._reduced(loss)
        return loss if self.output == "loss" else (loss, *parts)

    @property
    def _is_usual(self) -> bool:
        """Whether nothing but a mean of L1 distances of linear bins is wanted."""
        plain = self.output == "loss" and self.reduction == "mean" and not self.retain_batch_dim
        distances = self.mag_distance == "L1" and self.weights[-1] == 0
        return plain and distances and self.filters is None and not self.scale_invariance

    def magnitudes(self, x: Tensor) -> Tensor:
        """Magnitudes of complex spectra with a floor, which also keeps their gradient finite; in bands if asked for."""
        magnitudes = (x.real.square() + x.imag.square()).clamp(min=self.eps).sqrt()
        if self.filters is None:
            return magnitudes
        # A narrow band of a short transform may hold no bin at all: its logarithm must be finite, and its difference 0.
        return (self.filters.to(magnitudes.dtype) @ magnitudes).clamp(min=EMPTY_BAND)

    def _parts(self, x: Tensor, y: Tensor) -> Parts:
        w_sc, w_log_mag, w_lin_mag, w_phs = self.weights
        x_mag, y_mag = self.magnitudes(x), self.magnitudes(y)
        if self.scale_invariance:
            alpha = (x_mag * y_mag).sum((-2, -1), keepdim=True) / y_mag.square().sum((-2, -1), keepdim=True)
            y_mag = alpha * y_mag
        off = x_mag.new_zeros(())
        return (
            convergence(x_mag, y_mag) if w_sc else off,
            self._distance(self._log(x_mag), self._log(y_mag)) if w_log_mag else off,
            self._distance(x_mag, y_mag) if w_lin_mag else off,
            phase_distance(x, y) if w_phs else off,
        )

    def _log(self, magnitudes: Tensor) -> Tensor:
        return torch.log(self.log_fac * magnitudes + self.log_eps)

    def _distance(self, x: Tensor, y: Tensor) -> Tensor:
        difference = x - y
        distance = difference.abs() if self.mag_distance == "L1" else difference.square()
        return distance if self.retain_batch_dim else self._reduced(distance)

    def _reduced(self, x: Tensor) -> Tensor:
        axes = (-1, -2) if self.retain_batch_dim and x.dim() == 3 else None
        if self.reduction == "none":
            return x
        return x.mean(axes) if self.reduction == "mean" else x.sum(axes)


class MelSTFTLoss(STFTLoss):
    """An `STFTLoss` of mel bands.

    Args:
        sample_rate: in Hz.
        n_mels: number of bands.
        options: as of `STFTLoss`.
    """

    def __init__(self, sample_rate: float, n_mels: int = 128, **options: Any) -> None:
        super().__init__(sample_rate=sample_rate, scale="mel", n_bins=n_mels, **options)


def convergence(x: Tensor, y: Tensor) -> Tensor:
    """Frobenius norm of the difference relative to that of y: `(N, F, L)` → `(N, 1, 1)`."""
    norms: list[Tensor] = [torch.linalg.vector_norm(z, dim=(-2, -1), keepdim=True) for z in (y - x, y)]
    return norms[0] / norms[1]


def phase_distance(x: Tensor, y: Tensor, eps: float = 1e-7) -> Tensor:
    """Distance of complex bins relative to their mean magnitude, bin by bin."""
    distance: Tensor = (x - y).abs() / (0.5 * (x.abs() + y.abs()) + eps)
    return distance
