"""Streams: audio in blocks of any size, latents out as soon as they can be known, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.arrays import audio_batch
from narrows.models.blocks.frame_noise import ClipNoise
from narrows.models.finite import NotFiniteError
from narrows.models.interfaces import Codec
from narrows.models.receptive_field import ReceptiveField
from narrows.models.streaming.bottlenecks import decode_stream_field, dequantized, quantized
from narrows.models.streaming.recurrent import CarriedStates
from narrows.models.streaming.run import Run, check_exact, keep, piece


class PieceStream:
    """A network fed block by block; the outputs joined are those of the whole clip.

    The rows of a batch are independent clips that start together.

    Args:
        run: the network, `(B, C, T)` to `(B, D, L)`.
        field: its receptive field.

    Raises:
        NotExactError: the network depends on the whole clip.
    """

    def __init__(self, run: Run, field: ReceptiveField) -> None:
        check_exact(field)
        self.field = field
        self._run = run
        self.reset()

    def reset(self) -> None:
        """Forget the clip."""
        self._buffer: Tensor | None = None
        self._start = 0
        """Place of the buffer's first input in the clip."""
        self._given = 0
        """Outputs given so far."""
        self._states = CarriedStates(self.field)

    @property
    def received(self) -> int:
        """Inputs that have come."""
        return self._start + (0 if self._buffer is None else self._buffer.shape[-1])

    def feed(self, block: Tensor) -> Tensor | None:
        """The outputs that a further block makes known: `(B, D, some)`, or None for none yet."""
        self._buffer = block if self._buffer is None else torch.cat([self._buffer, block], dim=-1)
        usable = self.received // self.field.granule * self.field.granule
        stop = ceil((usable - self.field.right) / self.field.stride)
        if stop <= self._given or usable <= self.field.mirrored:
            return None
        out = self._compute(stop)
        self._given += out.shape[-1]
        self._drop_what_is_past()
        return out

    def finish(self, multiple: int = 1) -> Tensor | None:
        """The outputs up to the end of the clip, filled with zeros to a multiple; the stream is then as new."""
        if self._buffer is not None:
            self._buffer = F.pad(self._buffer, (0, -self.received % multiple))
        out = None if self._buffer is None else self._compute(None)
        self.reset()
        return out if out is not None and out.shape[-1] else None

    def _compute(self, stop: int | None) -> Tensor:
        assert self._buffer is not None
        part = piece(self.field, self._given, stop, self.received)
        x = self._buffer[..., part.start - self._start : part.end - self._start]
        with self._states.at(part.start, part.end, final=stop is None):
            return keep(self._run(x), part)

    def _drop_what_is_past(self) -> None:
        assert self._buffer is not None
        field = self.field
        usable = self.received // field.granule * field.granule
        oldest = min(floor(self._given * field.stride - field.left), usable - field.shortest)
        oldest = max(self._start, oldest // field.granule * field.granule)
        # A copy, so that the storage of the old buffer is freed.
        self._buffer = self._buffer[..., oldest - self._start :].clone()
        self._start = oldest


class EncodeStream:
    """Encodes audio block by block.

    Noise of a stochastic bottleneck belongs to the latent frame (`ClipNoise`): a `generator` gives the noise that it
    gives `encode` for the whole clip.

    Args:
        model: a codec, in eval mode.
        field: of its encoder; by default computed from the modules.
        tokens: give tokens `(B, K, some)` instead of latents.
        bottleneck: for its `encode`, e.g. `generator`.
    """

    def __init__(
        self, model: Codec, field: ReceptiveField | None = None, tokens: bool = False, **bottleneck: Any
    ) -> None:
        self._model = model
        self._tokens = tokens
        self._options = bottleneck
        self._noise = ClipNoise(bottleneck.get("generator"))
        self._stream = PieceStream(lambda x: model.encode(x, skip_bottleneck=True), field or model.encode_field())

    @property
    def latency(self) -> int:
        """Samples that must have come, from the first of a latent frame on, before the frame comes out."""
        return self._stream.field.latency

    def reset(self) -> None:
        """Forget the clip."""
        self._stream.reset()
        self._noise = ClipNoise(self._options.get("generator"))

    def feed(self, audio: Tensor) -> Tensor | None:
        """Latents `(B, D, some)` that the block `(B, C, any)` makes known; None for none yet."""
        audio_batch(audio, self._model.in_channels, self._model.signal)
        return self._through_bottleneck(self._stream.feed(audio))

    def finish(self) -> Tensor | None:
        """The latents up to the end, where silence fills the last frame."""
        out = self._through_bottleneck(self._stream.finish(self._model.downsampling_ratio))
        self.reset()
        return out

    def _through_bottleneck(self, x: Tensor | None) -> Tensor | None:
        if self._tokens and x is not None and not bool(x.isfinite().all()):
            # Tokens of such numbers would look like any others.
            half = x.dtype in (torch.float16, torch.bfloat16)
            raise NotFiniteError(
                "The encoder gives numbers that are not finite, of which no tokens can be made"
                + (f"; in 16 bit ({x.dtype}) numbers overflow, float32 may work" if half else "")
            )
        if x is None:
            return None
        options = {**self._options, "generator": self._noise.next_block()}
        return quantized(self._model.bottleneck, x, self._tokens, **options)


class DecodeStream:
    """Decodes latents block by block; the counterpart of `EncodeStream`.

    Args:
        model: a codec, in eval mode.
        field: of its decoder; by default computed from the modules.
        tokens: take tokens `(B, K, some)` instead of latents.
        bottleneck: for its `decode`, e.g. `generator`.
    """

    def __init__(
        self, model: Codec, field: ReceptiveField | None = None, tokens: bool = False, **bottleneck: Any
    ) -> None:
        self._model = model
        self._tokens = tokens
        self._options = bottleneck
        self._noise = ClipNoise(bottleneck.get("generator"))
        noise = {"generator": bottleneck["generator"]} if model.stochastic_decoder and "generator" in bottleneck else {}

        def run(x: Tensor) -> Tensor:
            return model.decode(x, skip_bottleneck=True, **noise)

        self._stream = PieceStream(run, field or decode_stream_field(model))

    @property
    def latency(self) -> int:
        """Samples of audio whose latents must have come, from a sample on, before the sample comes out."""
        return self._stream.field.latency * self._model.downsampling_ratio

    def reset(self) -> None:
        """Forget the clip."""
        self._stream.reset()
        self._noise = ClipNoise(self._options.get("generator"))

    def feed(self, latents: Tensor) -> Tensor | None:
        """Audio `(B, C, some)` that the block `(B, D, any)`, or of tokens `(B, K, any)`, makes known; None for none."""
        options = {**self._options, "generator": self._noise.next_block()}
        return self._stream.feed(dequantized(self._model.bottleneck, latents, self._tokens, **options))

    def finish(self) -> Tensor | None:
        """The audio up to the end."""
        out = self._stream.finish()
        self.reset()
        return out


def streamed(stream: EncodeStream | DecodeStream, blocks: Iterable[Tensor]) -> Iterator[Tensor]:
    """All that a stream gives for a clip in blocks."""
    for block in blocks:
        out = stream.feed(block)
        if out is not None:
            yield out
    out = stream.finish()
    if out is not None:
        yield out
