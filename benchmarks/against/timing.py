"""Interleaved timings: whatever slows the machine down meanwhile slows all ways down alike.

With one thread it is processor time that counts: what else the machine does adds little to it.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from narrows.training.matrix_rate import matrix_rate


class Stopwatch:
    """Seconds of a call: of the device's own clock on a GPU, of the processor where one thread works."""

    def __init__(self, device: str) -> None:
        self.on_gpu = device.startswith("cuda")
        self.clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter

    def __call__(self, call: Callable[[], Any]) -> float:
        if not self.on_gpu:
            start = self.clock()
            call()
            return self.clock() - start
        before, after = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        before.record()
        call()
        after.record()
        torch.cuda.synchronize()
        return before.elapsed_time(after) / 1000


def interleaved(
    ways: Mapping[str, Callable[[], Any]], rounds: int, device: str, warm: bool = True
) -> dict[str, list[float]]:
    """Seconds of every way in every round; each runs once before, untimed."""
    watch = Stopwatch(device)
    for way in ways.values() if warm else ():
        way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for index in range(rounds):
        # Every other round runs backwards, so that none always follows the same neighbour.
        for name in list(ways)[:: -1 if index % 2 else 1]:
            times[name].append(watch(ways[name]))
    return times


def ratios(times: Mapping[str, list[float]], reference: str) -> dict[str, dict[str, float]]:
    """Median and spread of the seconds of each way, and how many times faster than the reference it is.

    Ratios are taken round by round, so that a slow minute cancels out; their median and extremes are given.
    """
    table = {}
    for name, seconds in times.items():
        each = [base / own for base, own in zip(times[reference], seconds, strict=True)]
        table[name] = {
            "seconds": statistics.median(seconds),
            "least": min(seconds),
            "most": max(seconds),
            "ratio": statistics.median(each),
            "least_ratio": min(each),
            "most_ratio": max(each),
        }
    return table


def least(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds of processor time of every way, the least of interleaved rounds: other work can only add to it.

    For one thread: that of several adds up, waiting included.
    """
    found = dict.fromkeys(ways, float("inf"))
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            found[name] = min(found[name], time.process_time() - start)
    return found


def flops(run: Callable[[], Any]) -> int:
    """Operations of the products in a call, those that oneDNN computes included."""
    with FlopCounterMode(display=False, custom_mapping={torch.ops.mkldnn._linear_pointwise: _of_linear}) as counter:
        run()
    return int(counter.get_total_flops())


def _of_linear(x: Any, *others: Any, out_shape: Any = None, **_: Any) -> int:
    """Two operations for each weight and row; shapes stand for tensors."""
    rows, inner = math.prod(x[:-1]), x[-1]
    return int(2 * rows * inner * out_shape[-1])


def peak_memory(device: str) -> int:
    """Bytes that this process needed at most: of the GPU's memory, or of the system's."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated()
    # `getrusage` starts from what the parent process had.
    status = Path("/proc/self/status").read_text()
    [peak] = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak) * 1024


def matrix_peak(dtype: torch.dtype, device: str) -> float:
    """Floating-point operations a second of the product of two large matrices, by the best of the libraries at hand."""
    return matrix_rate(dtype, torch.device(device), 4096)
