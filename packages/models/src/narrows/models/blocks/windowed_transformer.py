"""A causal transformer whose frames attend to a window before them, and which goes on from where it stopped.

Source: Mimi (Défossez et al. 2024, arXiv 2410.00037), as the library transformers has it.
Letters: B batch, N frames, D width, H heads, E width of a head, M frames kept from before.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.carried import carried
from narrows.models.kernels import Kernel, attention
from narrows.models.receptive_field import ReceptiveField, recurrent

BLOCK = 512
"""Frames computed at a time, so that the memory of attention does not grow with the square of a clip."""


class State(NamedTuple):
    """What is kept of the frames before."""

    position: int
    """Of the next frame, counted from the start of the clip."""
    kept: tuple[tuple[Tensor, Tensor], ...]
    """Keys and values `(B, H, M, E)` of each layer."""


class LayerScale(nn.Module):
    """A learned factor a channel."""

    def __init__(self, dim: int, initial: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((dim,), float(initial)))

    def forward(self, x: Tensor) -> Tensor:
        """Scale `(B, N, D)`."""
        return x * self.scale


class SelfAttention(nn.Module):
    """Attention of rotated queries to keys, those that were kept first."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(dim, dim, bias=False) for _ in range(4))

    def kernels(self) -> list[Kernel]:
        """See `HasKernels`."""
        return [attention(self.heads, self.q_proj.out_features // self.heads)]

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], mask: Tensor, kept: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The output `(B, N, D)`, and all keys and values."""
        q, k, v = (
            project(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = _turned(q, *turn), _turned(k, *turn)
        if kept is not None:
            k, v = torch.cat([kept[0].to(k), k], dim=2), torch.cat([kept[1].to(v), v], dim=2)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        projected: Tensor = self.o_proj(out.transpose(1, 2).flatten(2))
        return projected, (k, v)


class FeedForward(nn.Module):
    """Two linear layers around a GELU."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, width, bias=False)
        self.fc2 = nn.Linear(width, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, N, D)` → `(B, N, D)`."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class Layer(nn.Module):
    """Attention and a feed-forward layer, each behind a norm, scaled and around a skip connection."""

    def __init__(self, dim: int, heads: int, ff_dim: int, layer_scale: float) -> None:
        super().__init__()
        self.self_attn = SelfAttention(dim, heads)
        self.mlp = FeedForward(dim, ff_dim)
        self.input_layernorm = nn.LayerNorm(dim)
        self.post_attention_layernorm = nn.LayerNorm(dim)
        self.self_attn_layer_scale = LayerScale(dim, layer_scale)
        self.mlp_layer_scale = LayerScale(dim, layer_scale)

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], mask: Tensor, kept: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The output `(B, N, D)`, and all keys and values."""
        attended, seen = self.self_attn(self.input_layernorm(x), turn, mask, kept)
        x = x + self.self_attn_layer_scale(attended)
        return x + self.mlp_layer_scale(self.mlp(self.post_attention_layernorm(x))), seen


class WindowedTransformer(nn.Module):
    """Causal layers with rotary positions counted from the start of the clip.

    Args:
        dim: width; a multiple of twice `heads`.
        depth: layers.
        heads: of attention.
        ff_dim: width of the feed-forward layers.
        window: frames that a frame attends to, itself among them.
        layer_scale: what each layer's outputs are multiplied by at the start.

    Shape:
        `(B, dim, N)` → `(B, dim, N)`
    """

    batch_first = True

    # The names of sub-modules are part of the checkpoint format, here and above.
    def __init__(self, dim: int, depth: int, heads: int, ff_dim: int, window: int, layer_scale: float = 0.01) -> None:
        super().__init__()
        if dim % (2 * heads):
            raise ValueError(f"The width must be a multiple of twice the heads, got {dim} and {heads}")
        self.window, self.head = window, dim // heads
        self.layers = nn.ModuleList(Layer(dim, heads, ff_dim, layer_scale) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        """Run from the start of a clip; in a piece of one, from where the piece before stopped."""
        run, frames = carried(self), x.transpose(1, 2)
        out: Tensor = (self.advance(frames, None) if run is None else run(frames))[0]
        return out.transpose(1, 2)

    def advance(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Go on with frames `(B, N, D)` from a state, which is not changed; None is the start of a clip."""
        outputs = []
        for block in torch.split(x, BLOCK, dim=1):
            out, state = self._block(block, state)
            outputs.append(out)
        assert state is not None
        return torch.cat(outputs, dim=1), state

    def _block(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        start, count = (0 if state is None else state.position), x.shape[1]
        before = 0 if state is None else state.kept[0][0].shape[2]
        turn, mask = _turns(start, count, self.head, x), self._mask(count, before, x.device)
        kept = []
        for index, layer in enumerate(self.layers):
            x, (keys, values) = layer(x, turn, mask, None if state is None else state.kept[index])
            first = max(0, keys.shape[2] - (self.window - 1))
            kept.append((keys[:, :, first:], values[:, :, first:]))
        return x, State(start + count, tuple(kept))

    def _mask(self, count: int, before: int, device: torch.device) -> Tensor:
        """Which of the frames before and of these each of these attends to: `(N, M + N)`."""
        queries = torch.arange(before, before + count, device=device)[:, None]
        distance = queries - torch.arange(before + count, device=device)
        return (distance >= 0) & (distance < self.window)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return recurrent(self)


def _turns(start: int, count: int, head: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines of positions, `(count, head)`."""
    frequencies = 1.0 / (10000.0 ** (torch.arange(0, head, 2, device=x.device).float() / head))
    angles = torch.outer(torch.arange(start, start + count, device=x.device).float(), frequencies)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin
