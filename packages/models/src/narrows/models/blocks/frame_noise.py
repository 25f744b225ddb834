"""Noise that belongs to the latent frame: the same for a whole clip, in chunks, and in streams of any block size.

A draw from a `Generator` takes one number from it, which seeds noise of its own, made frame by frame on the CPU. A
stream keeps that noise (`ClipNoise`) from block to block. Without a generator, noise comes from torch's global state in
memory order, as in the reference implementations.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from narrows.models.blocks import draws

TILE = 64
"""Frames drawn at a time; part of what a seed means."""

Draw = Callable[[torch.Size, Generator], Tensor]


class FrameNoise:
    """An endless row of frames of noise.

    Args:
        draw: noise of a shape.
        seed: of all of it.
    """

    def __init__(self, draw: Draw, seed: int) -> None:
        self._draw = draw
        self._generator = Generator().manual_seed(seed)
        self._left: Tensor | None = None

    def take(self, count: int, shape: torch.Size) -> Tensor:
        """The next frames: `(count, *shape)`."""
        left = self._draw(torch.Size((0, *shape)), self._generator) if self._left is None else self._left
        missing = -(-(count - len(left)) // TILE)
        tiles = [self._draw(torch.Size((TILE, *shape)), self._generator) for _ in range(missing)]
        frames = torch.cat([left, *tiles])
        self._left = frames[count:].clone()
        return frames[:count]


class ClipNoise(Generator):
    """The noise of one clip that is coded block by block; give it as `generator`.

    Each place that draws noise has a row of frames of its own, so that the rows do not depend on the size of blocks. As
    a generator it is a copy of its source, for draws that belong to no frame.

    Args:
        source: what seeds the rows; None for torch's global state.
    """

    def __new__(cls, source: Generator | None = None) -> ClipNoise:
        """On the device of its source."""
        made: ClipNoise = Generator.__new__(cls, device="cpu" if source is None else source.device)  # type: ignore[call-arg]
        return made

    def __init__(self, source: Generator | None = None) -> None:
        self._source = source
        self._rows: list[FrameNoise] = []
        self._place = 0
        if source is not None:
            self.set_state(source.get_state())

    def next_block(self) -> ClipNoise:
        """Itself, ready for a further block of the clip."""
        self._place = 0
        return self

    def row(self, draw: Draw) -> FrameNoise:
        """The row of the next place that draws."""
        if self._place == len(self._rows):
            self._rows.append(FrameNoise(draw, _seed(self._source)))
        self._place += 1
        return self._rows[self._place - 1]


def frame_gaussian(x: Tensor, generator: Generator | None = None, axis: int = -1) -> Tensor:
    """Gaussian noise of a tensor's shape and type; `axis` counts the frames.

    It is drawn in float32 and rounded, so that a seed means the same noise in all types and on all devices.
    """
    if generator is None:
        return draws.gaussian(x)
    return _framed(lambda shape, own: torch.randn(shape, generator=own), x, generator, axis)


def frame_uniform(x: Tensor, generator: Generator | None = None, axis: int = -1) -> Tensor:
    """Numbers from 0 to 1 of a tensor's shape and type; `axis` counts the frames."""
    if generator is None:
        return draws.uniform(x)
    return _framed(lambda shape, own: torch.rand(shape, generator=own), x, generator, axis)


def _framed(draw: Draw, x: Tensor, generator: Generator, axis: int) -> Tensor:
    row = generator.row(draw) if isinstance(generator, ClipNoise) else FrameNoise(draw, _seed(generator))
    frames_first = x.movedim(axis, 0)
    return row.take(len(frames_first), frames_first.shape[1:]).movedim(0, axis).to(x)


def _seed(generator: Generator | None) -> int:
    device = "cpu" if generator is None else generator.device
    return int(torch.randint(2**63 - 1, (), generator=generator, device=device))
