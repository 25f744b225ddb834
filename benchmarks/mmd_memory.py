"""Peak memory and time of the `wasserstein` discrepancy against the reference's formula, forward and backward.

    python benchmarks/mmd_memory.py [--device cuda] [--width 64]

The reference builds the differences of all pairs, N x N x D numbers, several times; it is measured where that fits.
On the CPU the peak is that of the process (each case runs in one of its own), on a GPU that of the allocator.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable

import torch
from torch import Tensor

from narrows.models.blocks.discrepancy import mean_discrepancy

Formula = Callable[[Tensor, Tensor], Tensor]


def reference(x: Tensor, y: Tensor) -> Tensor:
    """The formula as stable-audio-tools evaluates it."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-(a[:, None] - b[None]).pow(2).mean(2) / a.shape[1]).mean()

    return kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)


def measure(formula: Formula, samples: int, width: int, device: str) -> tuple[float, float, float, float]:
    """MiB above what was in use before, seconds, value and norm of the gradient."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(samples, width, generator=generator).mul(1.5).to(device).requires_grad_()
    y = torch.randn(samples, width, generator=generator).to(device)
    formula(x[:8], y[:8]).backward()
    x.grad = None
    before = _in_use(device)
    start = time.perf_counter()
    value = formula(x, y)
    value.backward()
    if device == "cuda":
        torch.cuda.synchronize()
    assert x.grad is not None
    return _peak(device) - before, time.perf_counter() - start, value.item(), x.grad.norm().item()


def _in_use(device: str) -> float:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated() / 2**20
    return _peak(device)


def _peak(device: str) -> float:
    if device == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def in_own_process(formula: Formula, samples: int, width: int, device: str) -> tuple[float, float, float, float]:
    """Measure in a fresh process, so that no case hides behind the peak of another."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (formula, samples, width, device))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--samples", type=int, nargs="+", default=[512, 1024, 2048, 4096, 8192, 16384, 32768])
    parser.add_argument("--largest-reference", type=int, default=2048, help="samples at which the reference fits")
    arguments = parser.parse_args()
    print(f"{'formula':10} {'N':>6} {'D':>4} {'peak MiB':>10} {'seconds':>8} {'mmd':>12} {'|gradient|':>12}")
    for name, formula in (("reference", reference), ("narrows", mean_discrepancy)):
        for samples in arguments.samples:
            if name == "reference" and samples > arguments.largest_reference:
                continue
            peak, seconds, value, norm = in_own_process(formula, samples, arguments.width, arguments.device)
            print(
                f"{name:10} {samples:6} {arguments.width:4} {peak:10.1f} {seconds:8.2f} {value:12.8f} {norm:12.8f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
