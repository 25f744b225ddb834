"""Patches of samples as channels (stable-audio-tools, Stable Audio 3)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import PatchedPretransformConfig
from narrows.models._options import options
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.oobleck import residual_units
from narrows.models.blocks.resampling import Resample
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.pretransforms.base import check_shape
from narrows.models.receptive_field import ReceptiveField, chain, frames, unframes


class PatchedPretransform(Pretransform):
    """Folds patches of samples into channels.

    Args:
        channels: audio channels.
        patch_size: samples of a patch.
        oversampling: work at this multiple of the sample rate. `downsampling_ratio` does not count it, as in the
            reference, whose files depend on it; `samples_per_frame` does.
        postfilter_channels: width of a trained filter after decoding; 0 for none.

    Shape:
        `(B, C, T)` ↔ `(B, C * patch_size, ceil(T * oversampling / patch_size))`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(self, channels: int, patch_size: int, oversampling: int = 1, postfilter_channels: int = 0) -> None:
        super().__init__(channels, channels * patch_size, patch_size)
        self.patch_size = patch_size
        self.samples_per_frame = patch_size / oversampling
        self.input_upsampler = self.output_downsampler = self.postfilter = None
        if oversampling > 1:
            self.input_upsampler, self.output_downsampler = Resample(1, oversampling), Resample(oversampling, 1)
        if postfilter_channels:
            self.postfilter = _postfilter(channels, postfilter_channels)

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Fold; audio that does not fill its last patch is padded with zeros."""
        check_shape("audio", audio, self.io_channels)
        if self.input_upsampler is not None:
            audio = self.input_upsampler(audio)
        audio = F.pad(audio, (0, -audio.shape[-1] % self.patch_size))
        batch, channels, length = audio.shape
        return audio.reshape(batch, channels, length // self.patch_size, self.patch_size).transpose(2, 3).flatten(1, 2)

    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """Unfold."""
        check_shape("encoded", encoded, self.encoded_channels)
        batch, channels, frames = encoded.shape
        patches = encoded.reshape(batch, channels // self.patch_size, self.patch_size, frames)
        audio = patches.transpose(2, 3).flatten(2)
        if self.postfilter is not None:
            audio = self.postfilter(audio)
        if self.output_downsampler is not None:
            audio = self.output_downsampler(audio)
        return audio

    def encode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.input_upsampler or nn.Identity(), frames(self.patch_size))

    def decode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        filters = (self.postfilter or nn.Identity(), self.output_downsampler or nn.Identity())
        return chain(unframes(self.patch_size), *filters)


def _postfilter(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        weight_norm_conv1d(channels, width, 7, padding=3),
        *residual_units(width, snake=True, antialias=False),
        weight_norm_conv1d(width, channels, 7, padding=3, bias=False),
    )


@build_pretransform.register
def _(config: PatchedPretransformConfig, sample_rate: int) -> PatchedPretransform:
    return PatchedPretransform(**options(config))
