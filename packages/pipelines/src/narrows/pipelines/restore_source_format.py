"""Giving decoded audio the rate, channels and length of the file it came from, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray
from torch import Tensor

from narrows.audio.channels import to_channels
from narrows.models.codec import CodecHeader

Block = NDArray[np.float32]


def restored(blocks: Iterable[Tensor], header: CodecHeader) -> Iterator[Block]:
    """Decoded audio as its source was.

    Args:
        blocks: `(C, T)` at the model's rate, in order.
        header: of the codec file; what it says of the source is restored.

    Yields:
        `(T, source channels)` at the source's rate; together exactly as many frames as the source had.
    """
    audio = (
        to_channels(block, header.source.channels).T.float().cpu().numpy() for block in _cut(blocks, header.samples)
    )
    left = header.source.samples
    for block in _at_rate(audio, header):
        yield block[:left]
        left -= len(block[:left])
    if left > 0:
        yield np.zeros((left, header.source.channels), np.float32)


def _cut(blocks: Iterable[Tensor], samples: int) -> Iterator[Tensor]:
    """The first samples: a decoder gives whole frames."""
    for block in blocks:
        yield block[:, :samples]
        samples -= block[:, :samples].shape[-1]


def _at_rate(audio: Iterable[Block], header: CodecHeader) -> Iterator[Block]:
    if header.source.sample_rate == header.sample_rate:
        yield from audio
        return
    stream = soxr.ResampleStream(header.sample_rate, header.source.sample_rate, header.source.channels, quality="HQ")
    for block in audio:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.zeros((0, header.source.channels), np.float32), last=True)
