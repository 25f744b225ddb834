"""Blocks of Vocos (Siuzdak 2023, arXiv 2306.00814; vocos 0.1.0) and those that WavTokenizer adds (arXiv 2408.16532).

Everything works at the rate of the latents; the head is the only part that knows samples.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.receptive_field import ReceptiveField, chain, obstacle, parallel, pointwise, transposed

GROUPS = 32
"""Of group normalisation in front of residual blocks and attention."""
LOUDEST = 1e2
"""Largest magnitude of a bin of the spectrum."""


class ConditionedNorm(nn.Module):
    """Layer normalisation whose scale and shift are chosen among several.

    Args:
        conditions: how many there are.
        dim: width.
        condition: the one that is used.

    Shape:
        `(B, L, dim)` → `(B, L, dim)`
    """

    # `scale` and `shift` are part of the checkpoint format.
    def __init__(self, conditions: int, dim: int, condition: int) -> None:
        super().__init__()
        if not 0 <= condition < conditions:
            raise ValueError(f"condition must be from 0 to {conditions - 1}, got {condition}")
        self.condition = condition
        self.scale, self.shift = nn.Embedding(conditions, dim), nn.Embedding(conditions, dim)
        with torch.no_grad():
            self.scale.weight.fill_(1.0)
            self.shift.weight.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each frame."""
        normed = F.layer_norm(x, x.shape[-1:], eps=1e-6)
        return normed * self.scale.weight[self.condition] + self.shift.weight[self.condition]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


def layer_norm(dim: int, conditions: int | None = None, condition: int = 0) -> nn.Module:
    """Layer normalisation, of a condition where there are several."""
    return nn.LayerNorm(dim, eps=1e-6) if conditions is None else ConditionedNorm(conditions, dim, condition)


class ConvNextBlock(nn.Module):
    """A depthwise convolution and two layers on each frame, scaled by channel, around a skip connection.

    Args:
        dim: width.
        intermediate_dim: width between the two layers.
        scale: what the output is multiplied by at the start, for each channel.
        conditions: see `layer_norm`.
        condition: see `layer_norm`.

    Shape:
        `(B, dim, L)` → `(B, dim, L)`
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(
        self, dim: int, intermediate_dim: int, scale: float, conditions: int | None = None, condition: int = 0
    ) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(dim, dim, 7, padding=3, groups=dim)
        self.norm = layer_norm(dim, conditions, condition)
        self.pwconv1, self.act = nn.Linear(dim, intermediate_dim), nn.GELU()
        self.pwconv2 = nn.Linear(intermediate_dim, dim)
        self.gamma = nn.Parameter(torch.full((dim,), scale))

    def forward(self, x: Tensor) -> Tensor:
        """Add what the layers make of the input to it."""
        hidden = self.norm(self.dwconv(x).transpose(1, 2))
        out: Tensor = x + (self.gamma * self.pwconv2(self.act(self.pwconv1(hidden)))).transpose(1, 2)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return parallel(pointwise(), self.dwconv)


def group_norm(dim: int) -> nn.GroupNorm:
    """Normalisation of groups of channels over the whole clip.

    Raises:
        ValueError: the width has no 32 equal groups.
    """
    if dim % GROUPS:
        raise ValueError(f"attention needs a dim that is a multiple of {GROUPS}, got {dim}")
    return nn.GroupNorm(GROUPS, dim, eps=1e-6)


class ResidualBlock(nn.Module):
    """Two convolutions of normalised input around a skip connection.

    Shape:
        `(B, dim, L)` → `(B, dim, L)`
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = group_norm(dim), nn.Conv1d(dim, dim, 3, padding=1)
        self.norm2, self.conv2 = group_norm(dim), nn.Conv1d(dim, dim, 3, padding=1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the input."""
        hidden = self.conv1(F.silu(self.norm1(x)))
        out: Tensor = x + self.conv2(self.dropout(F.silu(self.norm2(hidden))))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "normalises groups of channels over the whole clip")


class AttentionBlock(nn.Module):
    """Attention of one head over the whole clip around a skip connection.

    Shape:
        `(B, dim, L)` → `(B, dim, L)`
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = group_norm(dim)
        self.q, self.k, self.v = (nn.Conv1d(dim, dim, 1) for _ in range(3))
        self.proj_out = nn.Conv1d(dim, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Add what each frame finds in the others to it."""
        hidden = self.norm(x)
        q, k, v = (part(hidden).transpose(1, 2)[:, None] for part in (self.q, self.k, self.v))
        found = F.scaled_dot_product_attention(q, k, v)[:, 0].transpose(1, 2)
        out: Tensor = x + self.proj_out(found)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "attends to the whole clip")


class FourierHead(nn.Module):
    """Magnitudes and phases of a spectrum, turned into audio by an inverse STFT without padding.

    Args:
        dim: width of its input.
        n_fft: length of a window.
        hop_length: samples a frame.
        channels: of the audio.

    Shape:
        `(B, L, dim)` → `(B, channels, L * hop_length)`
    """

    window: Tensor

    def __init__(self, dim: int, n_fft: int, hop_length: int, channels: int = 1) -> None:
        super().__init__()
        if n_fft < hop_length or (n_fft - hop_length) % 2:
            raise ValueError(
                f"n_fft must be hop_length and an even number more, got {n_fft} for a hop_length of {hop_length}"
            )
        self.n_fft, self.hop_length, self.channels = n_fft, hop_length, channels
        self.out = nn.Linear(dim, channels * (n_fft + 2))
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Synthesise."""
        batch, frames, _ = x.shape
        log_magnitude, phase = self.out(x).float().unflatten(-1, (self.channels, -1)).chunk(2, dim=-1)
        magnitude = log_magnitude.exp().clamp(max=LOUDEST)
        pieces = torch.fft.irfft(torch.polar(magnitude, phase), self.n_fft, dim=-1) * self.window
        audio = self._overlapped(pieces.permute(0, 2, 3, 1).flatten(0, 1), frames)
        squares = self.window.square()[None, :, None].expand(1, -1, frames)
        return (audio / self._overlapped(squares, frames)).reshape(batch, self.channels, -1).to(x.dtype)

    def _overlapped(self, pieces: Tensor, frames: int) -> Tensor:
        """The sum of pieces `(N, n_fft, L)` at their places, without what is beyond the frames at both ends."""
        total, cut = (frames - 1) * self.hop_length + self.n_fft, (self.n_fft - self.hop_length) // 2
        whole = F.fold(pieces, (1, total), (1, self.n_fft), stride=(1, self.hop_length))
        return whole[:, 0, 0, cut : total - cut]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(transposed(self.n_fft, self.hop_length, trim=(self.n_fft - self.hop_length) // 2))
