"""Spectral autoencoders, complex and complex as channels, beside one of waveforms; and each row of the channel table.

    python benchmarks/spectral_comparison.py FOLDER [--steps 3000] [--keywords music loops]
                                                                       table of held-out SI-SDR and mel distance
    python benchmarks/spectral_comparison.py FOLDER --channels         50 steps of each row of the channel table

The three models of the comparison have one number of parameters (within 2 %, a complex one counts as two), one latent
rate and size, one loss, the same crops in the same order and the same number of steps. Everything is seeded.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import torch

from narrows.models import create_model_from_config
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train

RATE = 16000
STFT = {"n_fft": 512, "hop_length": 128}
FRAMES, LATENTS, RATIO = 65, 64, 512
"""Frames of a crop; real numbers of a latent frame; samples of a latent frame."""
TOLERANCE = 0.02
SCALES = {"fft_sizes": [512, 128], "hop_sizes": [128, 32], "win_lengths": [512, 128]}
# Without spectral convergence, which the two families of losses take relative to opposite sides.
RESOLUTIONS = {**SCALES, "w_sc": 0.0, "w_log_mag": 1.0, "w_lin_mag": 1.0}
OPTIMIZER = {"optimizer": {"type": "AdamW", "config": {"lr": 1e-3, "betas": [0.8, 0.99]}}}
CHANNEL_TABLE = ((True, False), (True, True), (False, False), (False, True))


def waveform(channels: int = 12) -> dict[str, Any]:
    """An Oobleck."""
    part = {"channels": channels, "c_mults": [1, 2, 4], "strides": [4, 8, 16], "latent_dim": LATENTS, "use_snake": True}
    return {
        "model_type": "autoencoder", "sample_rate": RATE, "sample_size": (FRAMES - 1) * STFT["hop_length"],
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 1, **part}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 1, **part, "final_tanh": False}},
            "latent_dim": LATENTS, "downsampling_ratio": RATIO, "io_channels": 1,
        },
        "training": training({"config": RESOLUTIONS, "weights": {"mrstft": 0.3}}),
    }  # fmt: skip


def spectral(cac: bool, n_filters: int, **options: Any) -> dict[str, Any]:
    """A two-dimensional SEANet with the latent rate of the Oobleck."""
    part: dict[str, Any] = {
        "n_filters": n_filters, "ratios": [[4, 2], [4, 2]], "latent_fbins": 16, "seq_model": "none",
        "is_complex": not cac, "activation": "ELU" if cac else "CReLU", "last_kernel_size": 3, **options,
    }  # fmt: skip
    if not cac:
        part["activation_params"] = {}
    width = LATENTS if cac else LATENTS // 2
    terms = {"mrstft_stable_audio": {"config": RESOLUTIONS}, "weights": {"mrstft": 0.3}}
    return {
        "model_type": "spectral_autoencoder", "sample_rate": RATE,
        "model": {
            "stft": STFT, "cac": cac,
            "encoder": {"type": "seanet2d", "config": {"dimension": width, **part}},
            "decoder": {"type": "seanet2d", "config": {"input_size": width, **part}},
        },
        "training": training(terms),
    }  # fmt: skip


def training(terms: dict[str, Any]) -> dict[str, Any]:
    """One objective for all."""
    return {
        "optimizer_configs": {"autoencoder": OPTIMIZER},
        "use_ema": True, "ema_decay": 0.99, "clip_grad_norm": 50.0,
        # The distance of samples teaches phases in the first few hundred steps, which the spectral loss does not.
        "loss_configs": {"spectral": terms, "time": {"weights": {"l1": 100.0}}},
        "demo": {"demo_every": 10**9},
    }  # fmt: skip


def parameters(config: dict[str, Any]) -> int:
    """Real numbers that are trained; no weights are allocated."""
    with torch.device("meta"):
        model = create_model_from_config({**config, "audio_channels": 1})
    return sum(p.numel() * (2 if p.is_complex() else 1) for p in model.parameters())


def matched(cac: bool, wanted: int) -> dict[str, Any]:
    """The first spectral model, from small to large, whose number of parameters is within the tolerance.

    Raises:
        ValueError: there is none.
    """
    counts = []
    for n_filters, layers, inner in product((4, 5, 6, 7), (1, 2, 3, 4), (3, 5, 7)):
        config = spectral(cac, n_filters, n_residual_layers=layers, residual_kernel_size=inner, kernel_size=5)
        counts.append(parameters(config))
        if abs(counts[-1] / wanted - 1) <= TOLERANCE:
            return config
    raise ValueError(f"No model has {wanted} parameters within {TOLERANCE:.0%}: tried {counts}")


def data_set(folder: Path, keywords: list[str], stereo: bool, cac: bool) -> dict[str, Any]:
    """Crops of a folder's files, of which some are held out."""
    files = {"id": "audio", "path": str(folder), "keywords": keywords}
    audio = {"dataset_type": "audio_dir", "datasets": [files], "held_out_share": 0.15, "min_length_sec": 0.5}
    return {
        "dataset_type": "spectrogram", "audio": audio, "stft": STFT, "stereo": stereo, "cac": cac,
        "target_frames": FRAMES,
    }  # fmt: skip


def run(name: str, model: dict[str, Any], data: dict[str, Any], steps: int, runs: Path) -> dict[str, Any]:
    """Train; what was measured before and after."""
    experiment = {
        "experiment": "train", "name": name, "save_dir": str(runs), "model_config": model, "dataset_config": data,
        "steps": steps, "batch_size": 4, "num_workers": 0, "accelerator": "cpu", "checkpoint_every": steps,
        "val_every": steps, "val_batches": 4, "log_every": max(1, steps // 20), "logger": "none", "seed": 7,
    }  # fmt: skip
    result = train(experiment, progress=False)
    records = list(read_metrics(result.folder / "metrics.jsonl"))
    losses = [record for record in records if record["split"] == "train"]
    return {
        "name": name,
        "parameters": parameters(model),
        "loss": (losses[0]["loss"], losses[-1]["loss"]),
        "seconds_per_step": sum(record["seconds_per_step"] for record in losses[1:]) / max(1, len(losses) - 1),
        **{key: result.metrics[key] for key in ("si_sdr", "mel_distance", "stft_distance")},
        "skipped_steps": result.skipped_steps,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Figures as Markdown."""
    lines = [
        "| model | parameters | loss, first and last | SI-SDR | mel distance | STFT distance | s/step |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        first, last = row["loss"]
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {first:.2f}, {last:.2f} | {row['si_sdr']:.2f} dB | "
            f"{row['mel_distance']:.3f} | {row['stft_distance']:.3f} | {row['seconds_per_step']:.2f} |"
        )
    return "\n".join(lines)


def compare(folder: Path, keywords: list[str], steps: int, runs: Path, only: str | None = None) -> list[dict[str, Any]]:
    """The three models, or one of them."""
    wanted = parameters(waveform())
    rows = []
    for name, cac in (("complex as channels", True), ("complex", False), ("waveform Oobleck", None)):
        if only not in (None, name):
            continue
        model = waveform() if cac is None else matched(cac, wanted)
        rows.append(run(name.replace(" ", "-"), model, data_set(folder, keywords, False, bool(cac)), steps, runs))
        print(json.dumps(rows[-1]), flush=True)
    return rows


def channels(folder: Path, keywords: list[str], runs: Path) -> list[dict[str, Any]]:
    """Each row of the channel table; the model finds its channels by itself."""
    rows = []
    for stereo, cac in CHANNEL_TABLE:
        name = f"stereo-{str(stereo).lower()}-cac-{str(cac).lower()}"
        rows.append(run(name, spectral(cac, 4), data_set(folder, keywords, stereo, cac), 50, runs))
        print(json.dumps(rows[-1]), flush=True)
    return rows


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--keywords", nargs="*", default=[], help="only files that have one of them in their path")
    parser.add_argument("--only", help="one of the three, by its name in the table")
    parser.add_argument("--channels", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as runs:
        if arguments.channels:
            rows = channels(arguments.folder, arguments.keywords, Path(runs))
        else:
            rows = compare(arguments.folder, arguments.keywords, arguments.steps, Path(runs), arguments.only)
    print(table(rows))


if __name__ == "__main__":
    main()
