"""How fast a machine multiplies matrices: the yardstick of the arithmetic that a training does."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Generator, Tensor

from narrows.models.inference.cpu.linear import in_order, product
from narrows.models.inference.cpu.onednn import can_pack

SIZES = {"cpu": 1024, "cuda": 4096, "mps": 2048}
"""Rows and columns with which a device comes near its best, while its memory hardly notices."""


@lru_cache
def matrix_rate(dtype: torch.dtype, device: torch.device, size: int | None = None, repeats: int = 5) -> float:
    """Floating-point operations a second of the product of two large square matrices, the fastest of several.

    On a CPU the libraries at hand are compared, torch's choice and oneDNN, which convolutions use: the better counts.
    Measured once a process. Precision is that of torch's settings, e.g. TF32 where it is switched on.

    Args:
        dtype: of the matrices.
        device: on which they lie.
        size: rows and columns; None for what suits the device.
        repeats: products of which the fastest counts.
    """
    size = size or SIZES.get(device.type, 1024)
    generator = Generator().manual_seed(0)
    a, b = (torch.randn(size, size, generator=generator).to(device, dtype) for _ in range(2))
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        best = min(_seconds(way) for way in ways_to_multiply(a, b) for _ in range(repeats + 1))
    return 2 * size**3 / best


def ways_to_multiply(a: Tensor, b: Tensor) -> list[Callable[[], Tensor]]:
    """What gives `a @ b`, by each of the libraries at hand."""
    ways = [lambda: a @ b]
    if a.device.type == "cpu" and can_pack(a.dtype):
        weight = in_order(b.T, a)
        ways.append(lambda: product(a, weight))
    return ways


def _seconds(way: Callable[[], Tensor]) -> float:
    # A part of the result is read, which waits for the device.
    start = time.perf_counter()
    float(way()[0, 0])
    return time.perf_counter() - start
