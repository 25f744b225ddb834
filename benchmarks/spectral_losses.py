"""Time of the stereo spectral loss with shared transforms, and with one transform and filter a term as the reference.

python benchmarks/spectral_losses.py [--seconds 1.5] [--batch 4] [--repeats 7]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace

import torch

from narrows.losses import STFTLoss, create_autoencoder_loss_from_config

SCALES = [2048, 1024, 512, 256, 128, 64, 32]
OPTIONS = {
    "fft_sizes": SCALES,
    "hop_sizes": [size // 4 for size in SCALES],
    "win_lengths": SCALES,
    "perceptual_weighting": True,
}
RATE = 44100


def main() -> None:
    """Print medians of interleaved runs, forward and backward."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    reals = torch.randn(arguments.batch, 2, round(arguments.seconds * RATE))
    model = SimpleNamespace(out_channels=2, sample_rate=RATE, bottleneck=None)
    shared = create_autoencoder_loss_from_config({"spectral": {"config": OPTIONS, "weights": {"mrstft": 1}}}, model)
    alone = [STFTLoss(n, n // 4, n, sample_rate=RATE, perceptual_weighting=True) for n in SCALES]

    def separate(decoded: torch.Tensor) -> torch.Tensor:
        left_right = torch.tensor([[1.0, 1.0], [1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
        views = [[torch.einsum("c,bct->bt", mix, x)[:, None] for x in (reals, decoded)] for mix in left_right]
        return 0.5 * sum(loss(*view) for loss in alone for view in views) / len(alone)

    ways: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "shared": lambda decoded: shared({"reals": reals, "decoded": decoded})[0],
        "separate": separate,
    }
    values, times = {}, {name: [] for name in ways}
    for _ in range(arguments.repeats):
        for name, way in ways.items():
            decoded = (0.9 * reals).requires_grad_()
            start = time.perf_counter()
            loss = way(decoded)
            loss.backward()
            times[name].append(time.perf_counter() - start)
            values[name] = float(loss.detach())
    for name in ways:
        print(f"{name:9} {statistics.median(times[name]):.3f} s, loss {values[name]:.5f}")


if __name__ == "__main__":
    main()
