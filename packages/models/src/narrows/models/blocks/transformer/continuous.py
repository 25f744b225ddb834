"""A transformer over vectors, with the options of stable-audio-tools and Stable Audio 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.blocks.transformer.block import TransformerBlock
from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.blocks.transformer.places import Position, embedded
from narrows.models.blocks.transformer.positions import AbsolutePositions, SinusoidalPositions
from narrows.models.blocks.transformer.rotary import RotaryEmbedding
from narrows.models.blocks.transformer.windows import Window


class ContinuousTransformer(nn.Module):
    """Projections around a stack of transformer blocks.

    Args:
        dim: width.
        depth: blocks.
        dim_in: input channels.
        dim_out: output channels.
        dim_heads: width of a head.
        dim_context: width of the context of cross-attention; None for no cross-attention.
        final_cross_attn_ix: last block that cross-attends; -1 for all.
        global_cond_dim: width of a vector an item for adaptive norms; None for none.
        local_add_cond_dim: width of what each block adds to the last tokens; None for nothing.
        modular_local_cond_dims: widths of further such conditions by name.
        causal: no token sees a later one, nor a later token of the context.
        rotary_pos_emb: rotary positions that all blocks share. They cover half of a head, and at least 32 features.
        cross_attn_rotary_pos_emb: rotary positions in cross-attention.
        use_sinusoidal_emb: add sinusoidal positions.
        use_abs_pos_emb: add learned positions; they win over sinusoidal ones.
        abs_pos_emb_max_length: learned positions that there are.
        num_memory_tokens: learned tokens in front of the sequence.
        sliding_window: tokens before and after itself that a token sees; None for all.
        block: further options of `TransformerBlock`.

    Shape:
        `(B, N, dim_in)` → `(B, N, dim_out)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        dim: int,
        depth: int,
        dim_in: int,
        dim_out: int,
        dim_heads: int = 64,
        dim_context: int | None = None,
        final_cross_attn_ix: int = -1,
        global_cond_dim: int | None = None,
        local_add_cond_dim: int | None = None,
        modular_local_cond_dims: Mapping[str, int] | None = None,
        causal: bool = False,
        rotary_pos_emb: bool = True,
        cross_attn_rotary_pos_emb: bool = False,
        use_sinusoidal_emb: bool = False,
        use_abs_pos_emb: bool = False,
        abs_pos_emb_max_length: int = 10000,
        num_memory_tokens: int = 0,
        sliding_window: Window | None = None,
        **block: Any,
    ) -> None:
        super().__init__()
        self.project_in = nn.Linear(dim_in, dim, bias=False)
        self.project_out = nn.Linear(dim, dim_out, bias=False)
        size = max(dim_heads // 2, 32)
        self.rotary_pos_emb = RotaryEmbedding(size) if rotary_pos_emb else None
        self.cross_attn_rotary_pos_emb = RotaryEmbedding(size) if cross_attn_rotary_pos_emb else None
        self.num_memory_tokens = num_memory_tokens
        if num_memory_tokens:
            self.memory_tokens = nn.Parameter(torch.randn(num_memory_tokens, dim))
        self.pos_emb: AbsolutePositions | SinusoidalPositions | None = None
        if use_abs_pos_emb:
            self.pos_emb = AbsolutePositions(dim, abs_pos_emb_max_length + num_memory_tokens)
        elif use_sinusoidal_emb:
            self.pos_emb = SinusoidalPositions(dim)
        self.global_cond_embedder: nn.Module | None = None
        if global_cond_dim is not None:
            self.global_cond_embedder = nn.Sequential(
                nn.Linear(global_cond_dim, dim), nn.SiLU(), nn.Linear(dim, dim * 6)
            )
        self.sliding_window = sliding_window
        self.layers = nn.ModuleList(
            TransformerBlock(
                dim,
                dim_heads=dim_heads,
                dim_context=dim_context if final_cross_attn_ix == -1 or index <= final_cross_attn_ix else None,
                global_cond=global_cond_dim is not None,
                local_add_cond_dim=local_add_cond_dim,
                modular_local_cond_dims=modular_local_cond_dims,
                causal=causal,
                **block,
            )
            for index in range(depth)
        )

    def forward(
        self,
        x: Tensor,
        *,
        prepend: Tensor | None = None,
        context: Tensor | None = None,
        global_cond: Tensor | None = None,
        local_add_cond: Tensor | None = None,
        modular_local_cond: Mapping[str, Tensor] | None = None,
        exit_layer_ix: int | None = None,
        valid: Tensor | None = None,
        prepend_valid: Tensor | None = None,
        context_valid: Tensor | None = None,
        zero_values: bool = False,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Transform.

        Args:
            x: `(B, N, dim_in)`.
            prepend: `(B, P, D)`: tokens in front of the sequence.
            context: `(b, M, dim_context)` to attend to; items after the first b have none.
            global_cond: `(B, global_cond_dim)`.
            local_add_cond: `(B, n, local_add_cond_dim)`, aligned with the end of the sequence.
            modular_local_cond: such conditions by name.
            exit_layer_ix: stop after this block and leave out the projection to `dim_out`.
            valid: `(B, N)`, false for padding of `x`; None for no padding.
            prepend_valid: `(B, P)`, false for padding of `prepend`.
            context_valid: `(b, M)`, false for padding of the context.
            zero_values: see `Attention`; of padding of `x`.
            cache: keys and values of what was transformed before `x`; with tokens in it there is no `prepend` any
                more, and there is no padding. Only of causal transformers without convolutions.

        Returns:
            `(B, P + N, dim_out)`, or `(B, P + N, D)` after an early exit, and the output of each block, with memory
            tokens in front.
        """
        if cache is not None and cache.takes_a_step(x):
            return self._step(x, cache, context_valid), []
        valid = self._valid(x, prepend, valid, prepend_valid)
        position = 0 if cache is None else cache.where
        x, call = self._prepare(x, prepend, context, global_cond, position)
        call |= {"local_add_cond": local_add_cond, "modular_local_cond": modular_local_cond}
        call |= {"valid": valid, "context_valid": context_valid, "zero_values": zero_values}
        memory = self.num_memory_tokens if position == 0 else 0
        hidden = []
        for index, layer in enumerate(self.layers):
            x = layer(x, **call) if cache is None else layer(x, cache=cache.layers[index], **call)
            hidden.append(x)
            if index == exit_layer_ix:
                return x[:, memory:], hidden
        if cache is not None:
            cache.position += x.shape[1]
        return self.project_out(x[:, memory:]), hidden

    def _step(self, x: Tensor, cache: KeyValueCache, context_valid: Tensor | None) -> Tensor:
        """One token behind others, by the blocks taken apart."""
        position = cache.where
        x = self.project_in(x)
        if self.pos_emb is not None:
            x = x + embedded(self.pos_emb, position, 1)
        angles = None if self.rotary_pos_emb is None else embedded(self.rotary_pos_emb, position, 1)
        out: Tensor = self.project_out(cache.steps(x[:, 0], cache, angles, context_valid))
        return out[:, None]

    def _valid(
        self, x: Tensor, prepend: Tensor | None, valid: Tensor | None, prepend_valid: Tensor | None
    ) -> Tensor | None:
        """Which of all tokens are no padding, memory tokens and those in front included: `(B, M + P + N)`."""
        if valid is None and prepend_valid is None:
            return None

        def all_of(count: int) -> Tensor:
            return torch.ones(x.shape[0], count, dtype=torch.bool, device=x.device)

        front = all_of(0 if prepend is None else prepend.shape[1]) if prepend_valid is None else prepend_valid
        behind = all_of(x.shape[1]) if valid is None else valid
        return torch.cat((all_of(self.num_memory_tokens), front, behind), dim=1)

    def _prepare(
        self, x: Tensor, prepend: Tensor | None, context: Tensor | None, global_cond: Tensor | None, position: Position
    ) -> tuple[Tensor, dict[str, Any]]:
        """Tokens with their positions, and what every block is called with; `position` tokens went before them."""
        x = self.project_in(x)
        if prepend is not None:
            x = torch.cat((prepend, x), dim=1)
        if self.num_memory_tokens and position == 0:
            x = torch.cat((self.memory_tokens.expand(x.shape[0], -1, -1), x), dim=1)
        if self.pos_emb is not None:
            x = x + embedded(self.pos_emb, position, x.shape[1])
        call: dict[str, Any] = {"context": context, "window": self.sliding_window, "global_cond": global_cond}
        if global_cond is not None and self.global_cond_embedder is not None:
            call["global_cond"] = self.global_cond_embedder(global_cond)
        if self.rotary_pos_emb is not None:
            call["rotary"] = embedded(self.rotary_pos_emb, position, x.shape[1])
        if self.cross_attn_rotary_pos_emb is not None and context is not None:
            # As in Stable Audio 3, whose weights depend on it: the last positions of as many as the context is wide.
            width, tokens = context.shape[-1], context.shape[1]
            call["context_rotary"] = self.cross_attn_rotary_pos_emb(max(width, tokens))[-tokens:]
        return x, call
