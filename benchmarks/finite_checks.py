"""What the checks for numbers that are not finite cost, as a share of the work that they guard.

    python benchmarks/finite_checks.py --seconds 30 --channels 32 --runs 5

Each check runs on the tensors that the work really has: the weights of a file, the samples of a clip, its latents, and
the samples that are decoded. Check and work take turns in one process, in processor time of one thread, and the fastest
of each counts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from narrows.audio.files import check_samples
from narrows.audio.writing import finite, write_audio
from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.checkpoints.kinds import check_finite
from narrows.models.checkpoints.names import to_file
from narrows.pipelines.codec_files import decode_file, encode_file

RATE = 44100


def autoencoder(channels: int) -> Any:
    """Stable Audio 2's autoencoder at a width."""
    shape = {"channels": channels, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
    return create_model_from_config(
        {
            "model_type": "autoencoder",
            "sample_rate": RATE,
            "model": {
                "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 128, **shape}},
                "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 64, **shape}},
                "bottleneck": {"type": "vae"},
                "latent_dim": 64,
                "downsampling_ratio": 2048,
                "io_channels": 2,
            },
        }
    )


def seconds(work: Callable[[], object]) -> float:
    """Processor time, which other work on the machine changes less than time on the clock."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print a line a border."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30, help="length of the clip")
    parser.add_argument("--channels", type=int, default=32, help="of the first layer; 128 in Stable Audio 2")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        model = autoencoder(arguments.channels)
        save_model(model, place / "model")
        audio = 0.1 * torch.randn(2, arguments.seconds * RATE)
        write_audio(place / "a.wav", audio, RATE)
        state = to_file(model.state_dict())
        samples = np.ascontiguousarray(audio.T.numpy())
        latents = torch.randn(audio.shape[-1] // 2048, 64)
        borders: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "load_model: weights": (
                lambda: load_model(place / "model"),
                lambda: check_finite("a", state, state),
            ),
            "encode_file: samples and latents": (
                lambda: encode_file(model, place / "a.wav", place / "a.narrows"),
                lambda: (check_samples("a", samples), latents.isfinite().flatten(1).all(dim=1)),
            ),
            "decode_file: samples": (
                lambda: decode_file(model, place / "a.narrows", place / "b.wav"),
                lambda: finite("a", samples),
            ),
        }
        for border, (work, check) in borders.items():
            times = [(seconds(work), seconds(check)) for _ in range(arguments.runs)]
            whole, checking = (min(column) for column in zip(*times, strict=True))
            print(json.dumps({"border": border, "seconds": round(whole, 3), "check_share": round(checking / whole, 5)}))


if __name__ == "__main__":
    main()
