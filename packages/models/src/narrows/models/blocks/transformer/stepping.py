"""One token through a stack of blocks whose caches hold those before it: what decoding spends its time on.

At batch 1 a step reads every weight once, and what it costs beside that is calls. So the blocks are taken apart once a
run into their weights, and a step is a dozen calls a block. It computes what the blocks compute, up to rounding.

Letters: B batch, H heads, F width of a head, D width, M tokens of the context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.int8 import Int8Linear
from narrows.models.blocks.linear import is_linear
from narrows.models.blocks.transformer.attention import Attention
from narrows.models.blocks.transformer.block import TransformerBlock
from narrows.models.blocks.transformer.cache import AttentionCache, BlockCache, KeyValueCache
from narrows.models.blocks.transformer.feedforward import GLU, Sine
from narrows.models.blocks.transformer.norms import LayerNorm
from narrows.models.blocks.transformer.places import Place, Position

POINTWISE = (nn.SiLU, nn.GELU, Sine)
LINEAR = (nn.Linear, Int8Linear)
Turn = tuple[Tensor, Tensor]
"""Cosines and sines `(R,)` of a position."""


class Norm(NamedTuple):
    """A layer norm."""

    gamma: Tensor
    beta: Tensor
    eps: float

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise `(B, D)`."""
        return torch.layer_norm(x, self.gamma.shape, self.gamma, self.beta, self.eps)


class Product:
    """A linear layer without bias, in one call.

    Args:
        weight: `(in, out)`, a view of the layer's.
    """

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply `(B, in)`."""
        return torch.mm(x, self.weight)

    def added(self, x: Tensor, update: Tensor) -> Tensor:
        """`x` `(B, out)` and the product of `update`, in one call."""
        return torch.addmm(x, update, self.weight)


class BlockStep:
    """A block taken apart; see `fits`."""

    def __init__(self, block: TransformerBlock) -> None:
        self.norm, self.ff_norm = _norm(block.pre_norm), _norm(block.ff_norm)
        self.heads, self.scale = block.self_attn.num_heads, block.self_attn.scale
        self.to_qkv, self.to_out = _product(block.self_attn.to_qkv), _product(block.self_attn.to_out)
        self.cross = block.cross_attn
        self.cross_norm = None if block.cross_attn is None else _norm(block.cross_attend_norm)
        if block.cross_attn is not None:
            self.to_cross_q, self.to_cross_out = _product(block.cross_attn.to_q), _product(block.cross_attn.to_out)
        *self.layers, self.last = (_product(leaf) for leaf in _leaves(block.ff))

    @staticmethod
    def fits(block: TransformerBlock) -> bool:
        """Whether a block has none of the options that this does not know."""
        norms = [block.pre_norm, block.ff_norm, *([] if block.cross_attn is None else [block.cross_attend_norm])]
        scales = [
            block.self_attn_scale,
            block.ff_scale,
            *([] if block.cross_attn is None else [block.cross_attn_scale]),
        ]
        parts = (block.conformer, block.to_scale_shift_gate, block.to_local_embed, block.rope)
        leaves = list(_leaves(block.ff))
        return (
            all(isinstance(norm, LayerNorm) and not norm.force_fp32 for norm in norms)
            and all(isinstance(scale, nn.Identity) for scale in scales)
            and all(part is None for part in parts)
            and not block.modular_local_embeds
            and _plain(block.self_attn)
            and (block.cross_attn is None or (_plain(block.cross_attn) and not block.cross_attn.causal))
            and all(isinstance(leaf, (GLU, *LINEAR, *POINTWISE)) for leaf in leaves)
            and isinstance(leaves[-1], LINEAR)
        )

    def __call__(self, x: Tensor, cache: BlockCache, turn: Turn | None, mask: Tensor | None) -> Tensor:
        """Transform one token.

        Args:
            x: `(B, D)`.
            cache: with the tokens before it, and the context where there is one.
            turn: of its position; None for no rotary positions.
            mask: `(B, 1, 1, M)`, false for tokens of the context that are not seen; None where all are.
        """
        batch, position, kept = len(x), cache.where, cache.self_attn
        qkv = self.to_qkv(self.norm(x)).view(batch, 3, self.heads, -1)
        if turn is not None:
            _rotate(qkv[:, :2], turn)
        q, k, v = qkv.unbind(1)
        keys, values, shown = _with_those_before(k, v, kept, position)
        out = F.scaled_dot_product_attention(q.unsqueeze(2), keys, values, attn_mask=shown, scale=self.scale)
        x = _added(x, out.view(batch, -1), self.to_out)
        if self.cross is not None and self.cross_norm is not None and cache.cross_attn.values is not None:
            q = self.to_cross_q(self.cross_norm(x)).view(batch, self.heads, 1, -1)
            seen = (cache.cross_attn.keys[0], cache.cross_attn.values)
            out = F.scaled_dot_product_attention(q, *seen, attn_mask=mask, scale=self.cross.scale)
            x = _added(x, out.view(batch, -1), self.to_cross_out)
        hidden = self.ff_norm(x)
        for layer in self.layers:
            hidden = layer(hidden)
        return _added(x, hidden, self.last)


class Steps:
    """A stack of blocks taken apart.

    Args:
        blocks: each of which fits.
    """

    def __init__(self, blocks: Iterable[TransformerBlock]) -> None:
        self.blocks = [BlockStep(block) for block in blocks]

    def __call__(
        self, x: Tensor, cache: KeyValueCache, angles: Tensor | None = None, context_valid: Tensor | None = None
    ) -> Tensor:
        """Transform one token `(B, D)`; the cache then holds it too.

        Args:
            x: the token.
            cache: with at least one token.
            angles: of its position `(1, R)`; None for no rotary positions.
            context_valid: `(B, M)`, false for tokens of the context that are not seen; None where all are.
        """
        if cache.position >= cache.capacity:
            raise ValueError(f"The cache has room for {cache.capacity} tokens, got {cache.position + 1}")
        turn = None if angles is None else (angles[0].cos(), angles[0].sin())
        mask = None if context_valid is None else context_valid[:, None, None]
        for block, kept in zip(self.blocks, cache.layers, strict=True):
            x = block(x, kept, turn, mask)
        cache.position += 1
        return x


def steps_of(blocks: Iterable[nn.Module]) -> Steps | None:
    """A stack of blocks taken apart; None where one of them has options that this does not know."""
    found = list(blocks)
    return Steps(found) if all(isinstance(b, TransformerBlock) and BlockStep.fits(b) for b in found) else None  # type: ignore[arg-type]


def _plain(attention: Attention) -> bool:
    return (
        attention.qk_norm == "none"
        and not attention.differential
        and not attention.feat_scale
        and attention.kv_heads == attention.num_heads
    )


def _norm(norm: nn.Module) -> Norm:
    found: Any = norm
    return Norm(found.gamma, found.beta, found.eps)


def _with_those_before(
    k: Tensor, v: Tensor, kept: AttentionCache, position: Position
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Keys and values `(B, H, N, F)` of all tokens, given those of the new `(B, H, F)`, and what it sees of them."""
    if isinstance(position, Place):
        (keys,), values = kept.extend([k.unsqueeze(2)], v.unsqueeze(2), position)
        return keys, values, position.seen
    keys, all_values = kept.keys[0], kept.values
    assert all_values is not None, "the first step went through the block itself"
    keys.select(2, position).copy_(k)
    all_values.select(2, position).copy_(v)
    return keys.narrow(2, 0, position + 1), all_values.narrow(2, 0, position + 1), None


def _leaves(module: nn.Module) -> Iterator[Callable[[Tensor], Tensor]]:
    """The layers of a feed-forward part, one after the other."""
    if isinstance(module, GLU) or not any(True for _ in module.children()):
        if not isinstance(module, nn.Identity):
            yield module
        return
    for child in module.children():
        yield from _leaves(child)


def lay_out(module: nn.Module) -> None:
    """Turn the weights of widening layers around in memory, in place: a processor multiplies one row by them faster so.

    256 to 1024 features take 20 µs instead of 27. For generation alone: training and files want them as they were.
    """
    layers: list[Any] = [layer for layer in module.modules() if is_linear(layer)]
    for layer in layers:
        weight = layer.weight
        if layer.out_features > layer.in_features and weight.dtype == torch.float32 and weight.device.type == "cpu":
            weight.data = weight.data.t().contiguous().t()


def _product(layer: Any) -> Callable[[Tensor], Tensor]:
    """A layer in the fewest calls: linear ones as a `Product`, pointwise ones as the function that they call."""
    if is_linear(layer) and layer.bias is None:
        return Product(layer.weight.t())
    return partial(F.gelu, approximate=layer.approximate) if type(layer) is nn.GELU else layer


def _added(x: Tensor, update: Tensor, layer: Callable[[Tensor], Tensor]) -> Tensor:
    """`x` and what a linear layer makes of `update`, in one call where it has no bias."""
    return layer.added(x, update) if isinstance(layer, Product) else x + layer(update)


def _rotate(x: Tensor, turn: Turn) -> None:
    """Rotate the first features of `(B, 2, H, F)` in place, as `apply_rotary` does."""
    cosine, sine = turn
    part = x[..., : len(cosine)]
    rotated = part.float()
    first, second = rotated.chunk(2, dim=-1)
    part.copy_(rotated * cosine + torch.cat((-second, first), dim=-1) * sine)
