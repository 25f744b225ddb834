"""Networks that code a clip in pieces, each alone, as EnCodec does at 48 kHz (Défossez et al. 2022, arXiv 2210.13438).

A latent frame is a whole piece: its F frames of D channels stand one below the other, and below them the scale of the
piece where pieces are normalised. So every piece is coded alone, whatever the networks do within one, and chunks and
streams of pieces are exact.

Letters: B batch, C audio channels, T samples, N pieces, S samples a piece, D channels and F frames within a piece.
"""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.bottlenecks.base import Bottleneck, DiscreteBottleneck, Info
from narrows.models.receptive_field import ReceptiveField
from narrows.models.receptive_field.arithmetic import convolution, transposed

FLOOR = 1e-8
"""Added to the scale of a piece, so that silence can be divided by it."""


@final
class PieceEncoder(nn.Module):
    """Cuts audio into pieces and encodes each.

    Args:
        network: `(B, C, S)` → `(B, D, F)`.
        length: samples of a piece (S).
        hop: from the start of a piece to that of the next; at most `length`.
        normalize: divide each piece by its root mean square over time of the mean of its channels, and give that scale
            as the last channel.

    Shape:
        `(B, C, N * hop)` → `(B, D * F [+ 1], N)`; silence fills the last piece.
    """

    # `network` is part of the checkpoint format, here and below.
    def __init__(self, network: nn.Module, length: int, hop: int, normalize: bool = False) -> None:
        super().__init__()
        self.network = network
        self.length, self.hop, self.normalize = length, hop, normalize

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        pieces = F.pad(x, (0, self.length - self.hop)).unfold(-1, self.length, self.hop).transpose(1, 2)
        batch, count = pieces.shape[:2]
        flat = pieces.flatten(0, 1)
        scale = flat.mean(1, keepdim=True).square().mean(-1, keepdim=True).sqrt() + FLOOR if self.normalize else None
        frames: Tensor = self.network(flat if scale is None else flat / scale).flatten(1)
        if scale is not None:
            frames = torch.cat([frames, scale.flatten(1)], dim=1)
        return frames.reshape(batch, count, -1).transpose(1, 2)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return convolution(self.length, self.hop)


@final
class PieceDecoder(nn.Module):
    """Decodes pieces and fades each into the next.

    Args:
        network: `(B, D, F)` → `(B, C, at least S)`.
        frames: of a piece (F).
        length: samples of a piece (S).
        hop: from the start of a piece to that of the next; at least half of `length`.
        normalize: the last channel is the scale of the piece.

    Shape:
        `(B, D * F [+ 1], N)` → `(B, C, N * hop)`
    """

    def __init__(self, network: nn.Module, frames: int, length: int, hop: int, normalize: bool = False) -> None:
        super().__init__()
        self.network = network
        self.frames, self.length, self.hop, self.normalize = frames, length, hop, normalize

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        batch, _, count = x.shape
        flat = x.transpose(1, 2).flatten(0, 1)
        latents, scale = (flat[:, :-1], flat[:, -1:, None]) if self.normalize else (flat, None)
        pieces = self.network(latents.reshape(len(flat), -1, self.frames))[..., : self.length]
        pieces = pieces if scale is None else pieces * scale
        pieces = pieces.reshape(batch, count, -1, self.length)
        return self._faded(pieces).transpose(1, 2).flatten(2)

    def _faded(self, pieces: Tensor) -> Tensor:
        """`(B, N, C, S)` → `(B, N, C, hop)`: the start of each piece mixed with the end of the one before."""
        overlap = self.length - self.hop
        if not overlap:
            return pieces
        weights = _triangle(self.length).to(pieces)
        before, after = weights[self.hop :], weights[:overlap]
        ends = F.pad(pieces[:, :-1, :, self.hop :], (0, 0, 0, 0, 1, 0))
        mixed = (before * ends + after * pieces[..., :overlap]) / (before + after)
        # Before the first piece there is nothing to fade from.
        starts = torch.cat([pieces[:, :1, :, :overlap], mixed[:, 1:]], dim=1)
        return torch.cat([starts, pieces[..., overlap : self.hop]], dim=-1)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return transposed(self.length, self.hop)


@final
class PieceBottleneck(Bottleneck):
    """A continuous bottleneck within pieces; the info is that of the pieces as a batch `(B * N, ...)`.

    Args:
        inner: the bottleneck, `(B, D, F)`.
        frames: of a piece (F).
        normalize: the last channel is the scale of the piece, which passes.
    """

    def __init__(self, inner: Bottleneck, frames: int, normalize: bool = False) -> None:
        super().__init__()
        self.inner = inner
        self.frames, self.normalize = frames, normalize
        self.losses = inner.losses

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None, **kwargs: Any
    ) -> tuple[Tensor, Info]:
        """Latents and info."""
        frames, scale = _within(x, self.frames, self.normalize)
        latents, info = self.inner(frames, generator=generator, mask=_mask_within(mask, self.frames), **kwargs)
        return _joined(latents, scale, len(x)), info

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Decoder input of latents."""
        frames, scale = _within(latents, self.frames, self.normalize)
        return _joined(self.inner.decode(frames, generator=generator), scale, len(latents))


@final
class DiscretePieceBottleneck(DiscreteBottleneck):
    """A discrete bottleneck within pieces.

    The tokens of a piece are first its scale, where it has one: the 32 bits of the number, as digits of base
    `codebook_size`, the last first, so that decoding loses nothing; then the F tokens of each codebook.

    Args:
        inner: the bottleneck, `(B, D, F)`.
        frames: of a piece (F).
        normalize: the last channel is the scale of the piece.
    """

    info_keys = ("quantizer_indices",)

    def __init__(self, inner: DiscreteBottleneck, frames: int, normalize: bool = False) -> None:
        digits = _digits(inner.codebook_size) if normalize else 0
        super().__init__(digits + inner.num_quantizers * frames, inner.codebook_size)
        self.inner = inner
        self.frames, self.normalize, self.digits = frames, normalize, digits
        self.losses = inner.losses

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """Latents and info; the tokens are `(B, K, N)`."""
        frames, scale = _within(x, self.frames, self.normalize)
        latents, info = self.inner(frames, generator=generator, mask=_mask_within(mask, self.frames))
        tokens = self.inner.tokens(info).flatten(1)
        if scale is not None:
            tokens = torch.cat([_to_digits(scale, self.digits, self.codebook_size), tokens], dim=1)
        kept = {key: value for key, value in info.items() if key != self.inner.tokens_id}
        kept[self.tokens_id] = tokens.reshape(len(x), -1, tokens.shape[1]).transpose(1, 2)
        return _joined(latents, scale, len(x)), kept

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Decoder input of latents."""
        frames, scale = _within(latents, self.frames, self.normalize)
        return _joined(self.inner.decode(frames, generator=generator), scale, len(latents))

    def _dequantize(self, tokens: Tensor) -> Tensor:
        flat = tokens.transpose(1, 2).flatten(0, 1)
        codes = flat[:, self.digits :].reshape(len(flat), -1, self.frames)
        scale = _from_digits(flat[:, : self.digits], self.codebook_size) if self.normalize else None
        return _joined(self.inner.dequantize(codes), scale, len(tokens))


def _triangle(length: int) -> Tensor:
    """The weight of each sample of a piece: greatest in its middle."""
    return 0.5 - (torch.linspace(0, 1, length + 2)[1:-1] - 0.5).abs()


def _within(x: Tensor, frames: int, normalize: bool) -> tuple[Tensor, Tensor | None]:
    """`(B, D * F [+ 1], N)` → `(B * N, D, F)` and the scales `(B * N, 1)`."""
    flat = x.transpose(1, 2).flatten(0, 1)
    latents, scale = (flat[:, :-1], flat[:, -1:]) if normalize else (flat, None)
    return latents.reshape(len(flat), -1, frames), scale


def _joined(latents: Tensor, scale: Tensor | None, batch: int) -> Tensor:
    """What `_within` takes apart."""
    flat = latents.flatten(1)
    flat = flat if scale is None else torch.cat([flat, scale.to(flat)], dim=1)
    return flat.reshape(batch, -1, flat.shape[1]).transpose(1, 2)


def _mask_within(mask: Tensor | None, frames: int) -> Tensor | None:
    return None if mask is None else mask.reshape(-1, 1).expand(-1, frames)


def _digits(base: int) -> int:
    """Digits of 32 bits."""
    count = 1
    while base**count < 2**32:
        count += 1
    return count


def _to_digits(scale: Tensor, count: int, base: int) -> Tensor:
    """The bits of float32 numbers `(B, 1)` as digits `(B, count)`."""
    bits = scale.detach().float().contiguous().view(torch.int32).long() & 0xFFFFFFFF
    places = [bits.div(base**place, rounding_mode="floor") % base for place in range(count)]
    return torch.cat(places, dim=1)


def _from_digits(digits: Tensor, base: int) -> Tensor:
    """The numbers `(B, 1)` of digits; 0 for digits of what is no finite number."""
    places = base ** torch.arange(digits.shape[1], device=digits.device)
    bits = (digits * places).sum(dim=1, keepdim=True)
    signed = torch.where(bits >= 2**31, bits - 2**32, bits).clamp(-(2**31), 2**31 - 1)
    numbers = signed.to(torch.int32).contiguous().view(torch.float32)
    return torch.where(numbers.isfinite() & (bits < 2**32), numbers, torch.zeros_like(numbers))


def in_pieces(
    encoder: nn.Module,
    decoder: nn.Module,
    bottleneck: Bottleneck | None,
    *,
    ratio: int,
    length: int,
    hop: int,
    normalize: bool,
) -> tuple[PieceEncoder, PieceDecoder, Bottleneck | None]:
    """The parts of an autoencoder, each around the part that works within pieces.

    Args:
        encoder: see `PieceEncoder`.
        decoder: see `PieceDecoder`.
        bottleneck: None for none.
        ratio: samples a frame within a piece.
        length: samples of a piece.
        hop: from the start of a piece to that of the next.
        normalize: see `PieceEncoder`.
    """
    if not length / 2 <= hop <= length:
        raise ValueError(f"hop must be from half of length to all of it, got {hop} and {length}")
    frames = -(-length // ratio)
    within: Bottleneck | None = None
    if isinstance(bottleneck, DiscreteBottleneck):
        within = DiscretePieceBottleneck(bottleneck, frames, normalize)
    elif bottleneck is not None:
        within = PieceBottleneck(bottleneck, frames, normalize)
    sides = PieceEncoder(encoder, length, hop, normalize), PieceDecoder(decoder, frames, length, hop, normalize)
    return (*sides, within)


def piece_channels(latent_dim: int, ratio: int, length: int, normalize: bool) -> int:
    """Channels of a latent frame that is a piece: `latent_dim` of each frame within, and the scale."""
    return latent_dim * -(-length // ratio) + int(normalize)
