"""A small data set and a small experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

RATE = 8000


def model_config(bottleneck: dict[str, Any] | None = None, width: int = 4, **training: Any) -> dict[str, Any]:
    """A stereo Oobleck of about a thousand parameters."""
    doubled = 2 if bottleneck is not None and bottleneck["type"] == "vae" else 1
    part = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
    return {
        "model_type": "autoencoder",
        "sample_rate": RATE,
        "sample_size": 1024,
        "audio_channels": 2,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": width * doubled, **part}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": width, **part}},
            "bottleneck": bottleneck,
            "latent_dim": width,
            "downsampling_ratio": 8,
            "io_channels": 2,
        },
        "training": {
            "learning_rate": 1e-3,
            "use_ema": True,
            "loss_configs": {
                "spectral": {
                    "config": {"fft_sizes": [128, 64], "hop_sizes": [32, 16], "win_lengths": [128, 64]},
                    "weights": {"mrstft": 1.0},
                },
                "time": {"weights": {"l1": 1.0}},
            },
            "demo": {"demo_every": 1000, "max_demos": 1},
            **training,
        },
    }


def write_clips(folder: Path, count: int = 6, seconds: float = 0.5) -> Path:
    """Stereo files of decaying tones in noise."""
    folder.mkdir(parents=True)
    import numpy as np
    import soundfile

    rng = np.random.default_rng(1)
    time = np.arange(int(seconds * RATE)) / RATE
    for index in range(count):
        tone = np.sin(2 * np.pi * 200 * (index + 1) * time) * np.exp(-3 * time)
        stereo = 0.4 * np.stack([tone, np.roll(tone, 8)], axis=1) + 0.02 * rng.standard_normal((len(time), 2))
        soundfile.write(folder / f"clip{index}.wav", stereo, RATE)
    return folder


def experiment_config(data: Path, folder: Path, model: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """An experiment on the clips of a folder."""
    return {
        "experiment": "train",
        "name": "run",
        "save_dir": str(folder),
        "model_config": model,
        "dataset_config": {"dataset_type": "audio_dir", "path": str(data)},
        "val_dataset_config": {"dataset_type": "audio_dir", "path": str(data), "random_crop": False},
        "steps": 6,
        "batch_size": 2,
        "num_workers": 0,
        "accelerator": "cpu",
        "checkpoint_every": 2,
        "val_every": 3,
        "val_batches": 2,
        "log_every": 1,
        "logger": "none",
        **settings,
    }
