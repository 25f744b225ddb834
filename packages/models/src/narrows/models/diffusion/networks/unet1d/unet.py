"""The whole U-Net."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from narrows.models.diffusion.networks.unet1d.attention import AttentionOptions
from narrows.models.diffusion.networks.unet1d.levels import Call, DownLevel, LevelOptions, MiddleLevel, UpLevel
from narrows.models.diffusion.networks.unet1d.residual import Patcher, Unpatcher
from narrows.models.diffusion.networks.unet1d.stft import STFT
from narrows.models.diffusion.networks.unet1d.time import time_embedding


class UNet1d(nn.Module):
    """Convolutional levels with skip connections, modulated by time and features.

    Args:
        in_channels: channels of the signal.
        channels: base width.
        multipliers: width of each level as a multiple; one more than `factors`.
        factors: downsampling of each level.
        num_blocks: residual blocks of each level.
        attentions: transformer blocks of each level; the last entry is that of the middle.
        patch_size: frames of a patch.
        resnet_groups: groups of the norms.
        use_context_time: condition on the time.
        kernel_multiplier_downsample: kernel of a downsampling as a multiple of its factor; even.
        use_nearest_upsample: repetition and convolution instead of transposed convolution.
        use_skip_scale: scale skip connections by the root of one half.
        out_channels: channels of the output; None for `in_channels`.
        context_features: width of the features; None for none.
        context_features_multiplier: width of the mapping, as a multiple of `channels`.
        context_channels: channels joined to the input and then at each level; 0 for none there.
        attention: heads, and the context of cross-attention.
        stft: transform in front and behind; None to work on the signal itself.
        use_stft_context: transform the joined inputs as well.

    Shape:
        `(B, in_channels, T)` → `(B, out_channels, T)`; T a multiple of `patch_size` and of the product of `factors`.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        channels: int,
        multipliers: Sequence[int],
        factors: Sequence[int],
        num_blocks: Sequence[int],
        attentions: Sequence[int],
        patch_size: int = 1,
        resnet_groups: int = 8,
        use_context_time: bool = True,
        kernel_multiplier_downsample: int = 2,
        use_nearest_upsample: bool = False,
        use_skip_scale: bool = True,
        out_channels: int | None = None,
        context_features: int | None = None,
        context_features_multiplier: int = 4,
        context_channels: Sequence[int] | None = None,
        attention: AttentionOptions | None = None,
        stft: STFT | None = None,
        use_stft_context: bool = False,
    ) -> None:
        super().__init__()
        _check_lengths(multipliers, factors, num_blocks, attentions)
        self.context_channels = _padded(context_channels or (), len(multipliers))
        self.stft = stft
        self.use_stft_context = use_stft_context
        mapping = channels * context_features_multiplier if use_context_time or context_features else None
        self._conditions(channels, mapping, use_context_time, context_features)
        bins = 1 if stft is None else 2 * stft.bins
        joined = self.context_channels[0] * (bins if use_stft_context else 1)
        widths = [channels * multiplier for multiplier in multipliers]
        options = LevelOptions(resnet_groups, mapping, attention or AttentionOptions())
        self.to_in = Patcher(in_channels * bins + joined, widths[0], patch_size, mapping)
        self.downsamples = nn.ModuleList(
            DownLevel(
                high, low, factors[i], kernel_multiplier_downsample, num_blocks[i], attentions[i], joined, options
            )
            for i, ((high, low), joined) in enumerate(zip(pairwise(widths), self.context_channels[1:], strict=True))
        )
        self.bottleneck = MiddleLevel(widths[-1], attentions[-1], options)
        skip_scale = 2**-0.5 if use_skip_scale else 1.0
        self.upsamples = nn.ModuleList(
            UpLevel(
                *(low, high, factors[i], use_nearest_upsample),
                *(num_blocks[i] + (1 if attentions[i] else 0), attentions[i], skip_scale, options),
            )
            for i, (high, low) in reversed(list(enumerate(pairwise(widths))))
        )
        self.to_out = Unpatcher(widths[0], (out_channels or in_channels) * bins, patch_size, mapping)

    def _conditions(self, channels: int, mapping: int | None, time: bool, features: int | None) -> None:
        """Layers that make the mapping of time and features."""
        self.to_mapping = self.to_time = self.to_features = None
        if mapping is None:
            return
        self.to_mapping = nn.Sequential(nn.Linear(mapping, mapping), nn.GELU(), nn.Linear(mapping, mapping), nn.GELU())
        if time:
            self.to_time = time_embedding(channels, mapping)
        if features:
            self.to_features = nn.Sequential(nn.Linear(features, mapping), nn.GELU())

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        features: Tensor | None = None,
        channels: Sequence[Tensor] = (),
        context: Tensor | None = None,
        context_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Predict.

        Args:
            x: `(B, in_channels, T)`.
            t: `(B,)`.
            features: `(B, context_features)`.
            channels: inputs to join, one tensor for each entry of `context_channels` that is not 0, each at the rate
                of its level.
            context: `(B, N, width)` for cross-attention.
            context_mask: `(B, N)`, false for tokens that are zeroed.
            causal: convolutions and attention see no later frame.
        """
        joined = self._joined(channels)
        length = x.shape[-1]
        if self.stft is not None:
            x = self.stft.encode(x)
            if self.use_stft_context and joined[0] is not None:
                joined[0] = self.stft.encode(joined[0])
        if joined[0] is not None:
            x = torch.cat((x, joined[0]), dim=1)
        call = Call(self._mapping(t, features), context, context_mask, causal)
        x = first = self.to_in(x, call.mapping, causal)
        kept = []
        for level, extra in zip(self.downsamples, joined[1:], strict=True):
            x, skips = level(x, extra, call)
            kept.append(skips)
        x = self.bottleneck(x, call)
        for level in self.upsamples:
            x = level(x, kept.pop(), call)
        out: Tensor = self.to_out(x + first, call.mapping, causal)
        return out if self.stft is None else self.stft.decode(out, length)

    def _joined(self, channels: Sequence[Tensor]) -> list[Tensor | None]:
        """The inputs to join at the input and at each level."""
        wanted = [count for count in self.context_channels if count]
        given = [tensor.shape[1] for tensor in channels]
        if wanted != given:
            raise ValueError(f"Conditions with {wanted} channels must be joined (context_channels), got {given}")
        remaining = iter(channels)
        return [next(remaining) if count else None for count in self.context_channels]

    def _mapping(self, t: Tensor, features: Tensor | None) -> Tensor | None:
        if (features is None) != (self.to_features is None):
            which = "needs a global condition" if features is None else "was built without context_features"
            raise ValueError(f"This U-Net {which}")
        parts = [] if self.to_time is None else [self.to_time(t)]
        if self.to_features is not None:
            parts.append(self.to_features(features))
        return None if self.to_mapping is None else self.to_mapping(torch.stack(parts).sum(0))


def _check_lengths(
    multipliers: Sequence[int], factors: Sequence[int], num_blocks: Sequence[int], attentions: Sequence[int]
) -> None:
    levels = len(multipliers) - 1
    if len(factors) != levels or len(num_blocks) != levels or len(attentions) < levels:
        raise ValueError(
            f"{levels + 1} multipliers need {levels} factors, {levels} num_blocks and at least {levels} attentions; "
            f"got {len(factors)}, {len(num_blocks)} and {len(attentions)}"
        )


def _padded(counts: Sequence[int], length: int) -> list[int]:
    return [*counts, *[0] * (length - len(counts))]
