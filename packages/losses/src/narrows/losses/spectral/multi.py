"""Distance of two signals at several resolutions (Yamamoto et al. 2020), and of stereo sum and difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from narrows.losses.spectral.stft import STFTLoss
from narrows.losses.spectral.weighting import AWeighting


class MultiResolutionSTFTLoss(nn.Module):
    """Mean of `STFTLoss` over resolutions. Perceptual weighting filters each signal once for all of them.

    Args:
        fft_sizes: in samples.
        hop_sizes: in samples; as many.
        win_lengths: in samples; as many.
        n_bins: mel bands of each resolution, or one number for all.
        perceptual_weighting: A-weight both signals first.
        sample_rate: in Hz; needed for mel bands and perceptual weighting.
        options: as of `STFTLoss`. With `output="full"` the result is the loss and, for each of the four parts, a list
            with one entry a resolution.

    Shape:
        x and y `(B, C, T)` → scalar, or `(B · C,)` with `retain_batch_dim`
    """

    def __init__(
        self,
        fft_sizes: Sequence[int] = (1024, 2048, 512),
        hop_sizes: Sequence[int] = (120, 240, 50),
        win_lengths: Sequence[int] = (600, 1200, 240),
        n_bins: int | Sequence[int] | None = None,
        perceptual_weighting: bool = False,
        sample_rate: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        bins = [n_bins] * len(fft_sizes) if n_bins is None or isinstance(n_bins, int) else list(n_bins)
        if not len(fft_sizes) == len(hop_sizes) == len(win_lengths) == len(bins):
            counts = f"{len(fft_sizes)} fft_sizes, {len(hop_sizes)} hop_sizes, {len(win_lengths)} win_lengths"
            raise ValueError(f"One entry a resolution: {counts}, {len(bins)} n_bins")
        if options.get("reduction") == "none" and len(fft_sizes) > 1:
            raise ValueError("reduction 'none' needs a single resolution: maps of different size have no mean")
        if perceptual_weighting and sample_rate is None:
            raise ValueError("sample_rate is needed for perceptual_weighting")
        self.prefilter = AWeighting(sample_rate) if perceptual_weighting and sample_rate else nn.Identity()
        self.resolutions = nn.ModuleList(
            STFTLoss(size, hop, length, n_bins=n, sample_rate=sample_rate, **options)
            for size, hop, length, n in zip(fft_sizes, hop_sizes, win_lengths, bins, strict=True)
        )
        self.output = options.get("output", "loss")

    def forward(self, x: Tensor, y: Tensor) -> Tensor | tuple[Any, ...]:
        """Compare two signals."""
        x, y = self.prefilter(x), self.prefilter(y)
        results = [resolution(x, y) for resolution in self.resolutions]
        if self.output == "loss":
            return torch.stack(results).mean(0)
        losses, *parts = zip(*results, strict=True)
        return torch.stack(losses).mean(0), *(list(part) for part in parts)


class SumAndDifferenceSTFTLoss(nn.Module):
    """`MultiResolutionSTFTLoss` of the sum and the difference of two channels (Steinmetz et al. 2021).

    A resolution transforms left and right once; sum and difference are formed of the spectra, as the transform is
    linear.

    Args:
        fft_sizes: in samples.
        hop_sizes: in samples; as many.
        win_lengths: in samples; as many.
        w_sum: weight of the sum.
        w_diff: weight of the difference.
        output: `loss`, or `full` for the loss, that of the sum and that of the difference.
        options: as of `MultiResolutionSTFTLoss`.

    Shape:
        input and target `(B, 2, T)` → scalar
    """

    def __init__(
        self,
        fft_sizes: Sequence[int],
        hop_sizes: Sequence[int],
        win_lengths: Sequence[int],
        w_sum: float = 1.0,
        w_diff: float = 1.0,
        output: str = "loss",
        **options: Any,
    ) -> None:
        super().__init__()
        self.w_sum, self.w_diff, self.output = w_sum, w_diff, output
        self.mrstft = MultiResolutionSTFTLoss(fft_sizes, hop_sizes, win_lengths, **options)

    def forward(self, input: Tensor, target: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """Compare two stereo signals."""
        for name, signal in (("input", input), ("target", target)):
            if signal.shape[1] != 2:
                raise ValueError(f"The {name} must be stereo, (batch, 2, time), got {tuple(signal.shape)}")
        input, target = self.mrstft.prefilter(input), self.mrstft.prefilter(target)
        pairs = []
        for resolution in self.mrstft.resolutions:
            x, y = (resolution.transform(signal).unbind(1) for signal in (input, target))  # type: ignore[operator]
            views = [resolution.compare(of(x), of(y)) for of in (sum_view, difference_view)]  # type: ignore[operator]
            pairs.append(torch.stack(views))
        sum_loss, difference_loss = torch.stack(pairs).mean(0)
        loss = (self.w_sum * sum_loss + self.w_diff * difference_loss) / 2
        return loss if self.output == "loss" else (loss, sum_loss, difference_loss)


def sum_view(channels: Sequence[Tensor]) -> Tensor:
    """Spectra `(B, F, L)` of left plus right."""
    return channels[0] + channels[1]


def difference_view(channels: Sequence[Tensor]) -> Tensor:
    """Spectra `(B, F, L)` of left minus right."""
    return channels[0] - channels[1]
