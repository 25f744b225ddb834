"""Chunks as stable-audio-tools cuts them: of fixed size and overlap, joined in the middle of the overlap.

Where the overlap is shorter than twice the reach of a network, the result differs from that of the whole clip near the
seams. Latents that were encoded so, and models trained on them, have these seams; new work takes the exact chunks of
`ChunkedCoder`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

CHUNK, OVERLAP = 128, 32
"""Latent frames of a chunk and of the overlap, the defaults of the reference."""


def overlapped(
    run: Callable[[Tensor], Tensor], x: Tensor, inputs: int, outputs: int, chunk: int = CHUNK, overlap: int = OVERLAP
) -> Tensor:
    """`run(x)`, computed in overlapping chunks.

    Args:
        run: a network that gives `outputs` frames for `inputs` frames.
        x: `(B, C, T)`; T a multiple of `inputs`.
        inputs: frames of the input for a latent frame.
        outputs: frames of the output for a latent frame.
        chunk: latent frames of a chunk; a clip no longer than it is run whole.
        overlap: latent frames that neighbours share; fewer than `chunk`.
    """
    if not 0 <= overlap < chunk:
        raise ValueError(f"overlap must be from 0 to {chunk - 1}, below the chunk size, got {overlap}")
    total = x.shape[-1] // inputs
    if total <= chunk:
        return run(x)
    # The last chunk ends with the clip, and so may overlap more.
    starts = [*range(0, total - chunk, chunk - overlap), total - chunk]
    seams = [0, *(start + overlap // 2 for start in starts[1:]), total]
    parts = []
    for start, first, end in zip(starts, seams[:-1], seams[1:], strict=True):
        out = run(x[..., start * inputs : (start + chunk) * inputs])
        parts.append(out[..., (first - start) * outputs : (end - start) * outputs])
    return torch.cat(parts, dim=-1)


def given(**options: int | None) -> dict[str, int]:
    """The options that are not None, so that the others take their defaults."""
    return {name: value for name, value in options.items() if value is not None}
