"""The decoder of transformer layers with local attention of stable-audio-tools."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from narrows.configs import LocalAttnDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.local_attention import LocalAttentionOptions, LocalAttentionStack, UpsamplingStage
from narrows.models.decoders import build_decoder


class LocalAttnDecoder(LocalAttentionStack):
    """Stages that split tokens, one a latent frame at first, and transform them.

    Args:
        in_channels: channels of the latents.
        out_channels: channels of the output.
        embed_dims: width of each stage; divisible by its heads.
        heads: attention heads of each stage.
        depths: transformer layers of each stage.
        ratios: upsampling of each stage.
        style: fields of `narrows.models.blocks.local_attention.LocalAttentionOptions`.

    Shape:
        `(B, in_channels, L)` → `(B, out_channels, L * prod(ratios))`
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        embed_dims: Sequence[int] = (768, 384, 192, 96),
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
            [UpsamplingStage(*dims, depth, head, ratio, shared) for dims, depth, head, ratio in stages],
        )


@build_decoder.register
def _(config: LocalAttnDecoderConfig) -> LocalAttnDecoder:
    arguments = options(config)
    del arguments["cond_dim"], arguments["cross_attn_cond_dim"]  # always 0
    return LocalAttnDecoder(**arguments)
