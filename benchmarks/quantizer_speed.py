"""Time quantizers of ours against the classes of vector-quantize-pytorch that do the same, and print the ratios.

    python benchmarks/quantizer_speed.py [--frames 512] [--repeats 30] [--only rvq lfq]

Both are called as bottlenecks on the same encoder output. A ratio above 1 says that the library's class is slower. The
two are called in turn and the medians compared, so that what else the machine does reaches both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import torch

from narrows.models import create_bottleneck_from_config

DIM = 64
VECTOR = {"dim": DIM, "codebook_size": 1024, "num_quantizers": 8}
SHARED = {**VECTOR, "kmeans_init": False, "threshold_ema_dead_code": 0}
GROUPED = {**SHARED, "groups": 2, "num_quantizers": 4}
SCALAR = {"levels": [8, 5, 5, 5], "dim": DIM}
PAIRS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    # ours, with its options; the library's class, with its own
    "rvq": (SHARED, "ResidualVQ", SHARED),
    "grouped_rvq": (GROUPED, "GroupedResidualVQ", GROUPED),
    "fsq": (
        {**SCALAR, "num_codebooks": 8},
        "FSQ",
        {**SCALAR, "num_codebooks": 8},
    ),
    "residual_fsq": (
        {**SCALAR, "num_quantizers": 8},
        "ResidualFSQ",
        {**SCALAR, "num_quantizers": 8},
    ),
    "lfq": (
        {"codebook_size": 1024, "num_codebooks": 8, "dim": DIM},
        "LFQ",
        {"codebook_size": 1024, "num_codebooks": 8, "dim": DIM},
    ),
    "simvq": (VECTOR, "ResidualSimVQ", VECTOR),
}


def seconds(module: Any, x: torch.Tensor, training: bool) -> float:
    """One call, and in training its backward pass."""
    start = time.perf_counter()
    with torch.set_grad_enabled(training):
        latents, info = module.encode(x, return_info=True)
        if training:
            (latents.square().mean() + info.get("quantizer_loss", 0)).backward()
    return time.perf_counter() - start


def ratio(name: str, frames: int, repeats: int, training: bool) -> tuple[float, float]:
    """Milliseconds of ours, and how many times as long the library's class takes."""
    options, library, theirs = PAIRS[name]
    pair = [
        create_bottleneck_from_config({"type": name, "config": options}).train(training),
        create_bottleneck_from_config(
            {"type": "vector_quantize_pytorch", "config": {"quantizer": library, **theirs}}
        ).train(training),
    ]
    x = torch.randn(4, DIM, frames, generator=torch.Generator().manual_seed(0)).requires_grad_(training)
    times: list[list[float]] = [[], []]
    for repeat in range(repeats + 3):
        for module, kept in zip(pair, times, strict=True):
            taken = seconds(module, x, training)
            if repeat >= 3:
                kept.append(taken)
    ours, other = (statistics.median(kept) for kept in times)
    return 1000 * ours, other / ours


def main() -> None:
    """Print a table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--only", nargs="+", default=list(PAIRS), choices=list(PAIRS))
    given = parser.parse_args()
    print(f"{'ours':14}{'library':20}{'train, ms':>12}{'ratio':>8}{'eval, ms':>12}{'ratio':>8}")
    for name in given.only:
        figures = [value for t in (True, False) for value in ratio(name, given.frames, given.repeats, t)]
        print(f"{name:14}{PAIRS[name][1]:20}" + "{:12.2f}{:8.2f}{:12.2f}{:8.2f}".format(*figures), flush=True)


if __name__ == "__main__":
    main()
