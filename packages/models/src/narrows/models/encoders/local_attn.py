"""The encoder of transformer layers with local attention of stable-audio-tools."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from narrows.configs import LocalAttnEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.local_attention import DownsamplingStage, LocalAttentionOptions, LocalAttentionStack
from narrows.models.encoders import build_encoder


class LocalAttnEncoder(LocalAttentionStack):
    """Stages that transform tokens, one a sample at first, and join neighbours.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the latents.
        embed_dims: width of each stage; divisible by its heads.
        heads: attention heads of each stage.
        depths: transformer layers of each stage.
        ratios: downsampling of each stage.
        style: fields of `narrows.models.blocks.local_attention.LocalAttentionOptions`.

    Shape:
        `(B, in_channels, T)` → `(B, out_channels, T / prod(ratios))`; T must be divisible
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        embed_dims: Sequence[int] = (96, 192, 384, 768),
        heads: Sequence[int] = (12, 12, 12, 12),
        depths: Sequence[int] = (3, 3, 3, 3),
        ratios: Sequence[int] = (2, 2, 2, 2),
        **style: Any,
    ) -> None:
        shared = LocalAttentionOptions(**style)
        stages = zip(pairwise((embed_dims[0], *embed_dims)), depths, heads, ratios, strict=True)
        super().__init__(
            in_channels,
            out_channels,
            list(embed_dims),
            [DownsamplingStage(*dims, depth, head, ratio, shared) for dims, depth, head, ratio in stages],
        )


@build_encoder.register
def _(config: LocalAttnEncoderConfig) -> LocalAttnEncoder:
    arguments = options(config)
    del arguments["cond_dim"], arguments["cross_attn_cond_dim"]  # always 0
    return LocalAttnEncoder(**arguments)
