"""Every command on every type of model; run as a program, it prints the matrix.

    python tests/support/command_matrix.py

A cell is what a user sees: it works (exit 0), or it ends in one clear message (exit 1, no traceback).
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import soundfile
import torch
from support import tiny_diffusion, tiny_lm
from support.training_cases import RATE

from narrows.models import create_model_from_config, save_model

SMALL = {"channels": 2, "c_mults": [1], "strides": [4]}
LOSSES = {
    "spectral": {
        "config": {"fft_sizes": [64], "hop_sizes": [16], "win_lengths": [64]},
        "weights": {"mrstft": 1.0},
    }
}
WIDTH, SECONDS = 6, 0.2


def autoencoder(bottleneck: dict[str, Any] | None) -> dict[str, Any]:
    """Mono, 4 samples a frame."""
    doubled = 2 if bottleneck is not None and bottleneck["type"] == "vae" else 1
    return {
        "model_type": "autoencoder",
        "sample_rate": RATE,
        "sample_size": 512,
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 1, "latent_dim": WIDTH * doubled, **SMALL}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 1, "latent_dim": WIDTH, **SMALL}},
            "bottleneck": bottleneck,
            "latent_dim": WIDTH,
            "downsampling_ratio": 4,
            "io_channels": 1,
        },
        "training": {"learning_rate": 1e-3, "loss_configs": LOSSES, "demo": {"demo_every": 1000}},
    }


def hyperencoder(outer: bool) -> dict[str, Any]:
    """Over the latents of the variational autoencoder, 2 of its frames a frame."""
    inner = {"channels": 2, "c_mults": [1], "strides": [2], "latent_dim": 3}
    named = copy.deepcopy(autoencoder({"type": "vae"}))
    del named["training"]
    return {
        "model_type": "hyperencoder",
        "sample_rate": RATE,
        "sample_size": 16,
        "model": {
            "encoder": {"type": "oobleck", "config": {**inner, "in_channels": WIDTH}},
            "decoder": {"type": "oobleck", "config": {**inner, "out_channels": WIDTH, "final_tanh": False}},
            "latent_dim": 3,
            "outer": {"config": named} if outer else None,
        },
        "training": {"learning_rate": 1e-3},
    }


def diffusion_autoencoder() -> dict[str, Any]:
    """Mono, 4 samples a frame, lengths that are multiples of 2 frames."""
    backbone = {
        "in_channels": 1, "channels": 4, "multipliers": [1, 1], "factors": [2], "num_blocks": [1],
        "attentions": [0, 0], "resnet_groups": 2, "context_channels": [3],
    }  # fmt: skip
    return {
        "model_type": "diffusion_autoencoder",
        "sample_rate": RATE,
        "sample_size": 512,
        "audio_channels": 1,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 1, "latent_dim": 3, **SMALL}},
            "diffusion": {"type": "adp_1d", "config": backbone},
            "latent_dim": 3,
            "downsampling_ratio": 4,
            "io_channels": 1,
        },
        "training": {"learning_rate": 1e-3, "demo": {"demo_every": 1000, "demo_steps": 2, "num_demos": 1}},
    }


def spectral_autoencoder() -> dict[str, Any]:
    """Mono, 64 samples a frame."""
    part = {
        "n_filters": 2, "ratios": [[2, 2], [2, 2]], "latent_fbins": 8, "seq_model": "none", "is_complex": False,
        "activation": "ELU", "activation_params": {},
    }  # fmt: skip
    spectral = {"stft_mse": {}, "weights": {"stft_mse": 1.0}}
    return {
        "model_type": "spectral_autoencoder",
        "sample_rate": RATE,
        "audio_channels": 1,
        "model": {
            "stft": {"n_fft": 64, "hop_length": 16},
            "cac": True,
            "encoder": {"type": "seanet2d", "config": {"dimension": 8, "input_size": 2, **part}},
            "decoder": {"type": "seanet2d", "config": {"input_size": 8, "channels": 2, **part}},
        },
        "training": {"learning_rate": 1e-3, "loss_configs": {"spectral": spectral}},
    }


def diffusion(model_type: str) -> dict[str, Any]:
    """Mono, 4 samples a frame; `diffusion_uncond` diffuses the samples."""
    if model_type != "diffusion_uncond":
        return tiny_diffusion.document(inpaint=model_type == "diffusion_cond_inpaint")
    options = {"in_channels": 2, "embed_dim": 32, "depth": 1, "num_heads": 1, "ff_kwargs": {"mult": 1}}
    model = {"type": "dit", "config": options}
    return {"model_type": model_type, "sample_rate": RATE, "sample_size": 1024, "model": model}


MODELS: dict[str, Callable[[], dict[str, Any]]] = {
    "autoencoder": lambda: autoencoder(None),
    "autoencoder, variational": lambda: autoencoder({"type": "vae"}),
    "autoencoder, discrete": lambda: autoencoder({"type": "fsq", "config": {"levels": [5] * WIDTH}}),
    "spectral_autoencoder": spectral_autoencoder,
    "diffusion_autoencoder": diffusion_autoencoder,
    "hyperencoder with outer": lambda: hyperencoder(True),
    "hyperencoder without outer": lambda: hyperencoder(False),
    "diffusion_uncond": lambda: diffusion("diffusion_uncond"),
    "diffusion_cond": lambda: diffusion("diffusion_cond"),
    "diffusion_cond_inpaint": lambda: diffusion("diffusion_cond_inpaint"),
    "lm": tiny_lm.config,
}
GENERATIVE = ("diffusion_uncond", "diffusion_cond", "diffusion_cond_inpaint", "lm")

NO_CODEC, NO_GENERATOR = "cannot encode and decode audio", "does not generate"
NO_OUTER = "has no outer model"
REFUSED: dict[tuple[str, str], str] = {
    ("export", "spectral_autoencoder"): "cannot be exported",
    ("export", "diffusion_autoencoder"): "cannot be exported",
    **{
        (command, "hyperencoder without outer"): NO_OUTER
        for command in ("encode", "decode", "evaluate", "pre-encode", "export", "inspect")
    },
    **{("generate", name): NO_GENERATOR for name in MODELS if name not in GENERATIVE},
    **{
        (command, name): NO_CODEC
        for command in ("encode", "decode", "evaluate", "pre-encode")
        for name in GENERATIVE
        if (command, name) != ("evaluate", "lm")
    },
}
"""The cells that end in an error, and what it says; every other one works."""


@dataclass(frozen=True)
class Place:
    """The files of a model: its folder, its document, and audio and latents to work on."""

    folder: Path
    name: str

    @property
    def model(self) -> Path:
        """`save_model` folder."""
        return self.folder / "model"

    @property
    def document(self) -> Path:
        """Model file, with its training section."""
        return self.folder / "document.json"

    @property
    def music(self) -> Path:
        """Folder of one short file."""
        return self.folder / "music"


def prepare(folder: Path, name: str) -> Place:
    """Write the files of a model."""
    place, document = Place(folder, name), MODELS[name]()
    place.music.mkdir(parents=True)
    place.document.write_text(json.dumps(document))
    noise = np.random.default_rng(0).normal(0, 0.1, int(RATE * SECONDS))
    soundfile.write(place.music / "a.wav", noise, RATE)
    torch.manual_seed(0)
    save_model(create_model_from_config(document), place.model)
    return place


def encode(place: Place) -> list[str]:
    return ["encode", str(place.model), str(place.music), "-o", str(place.folder / "codes"), "--device", "cpu"]


def decode(place: Place) -> list[str]:
    """Of the file that `encode` wrote; where that is refused, decoding is refused before a file is read."""
    codes = place.folder / "codes"
    if not codes.exists():
        run(encode(place))
    codes.mkdir(exist_ok=True)
    (codes / "a.narrows").touch()
    return ["decode", str(place.model), str(codes), "-o", str(place.folder / "decoded"), "--device", "cpu"]


def evaluate(place: Place) -> list[str]:
    figures = str(place.folder / "figures.json")
    return ["evaluate", str(place.model), str(place.music), "--json", figures, "--device", "cpu"]


def pre_encode(place: Place) -> list[str]:
    folder = place.folder / "latents"
    return ["pre-encode", f"ckpt_path={place.model}", f"data.path={place.music}", f"output_path={folder}",
            "num_workers=1", "accelerator=cpu"]  # fmt: skip


def export(place: Place) -> list[str]:
    return ["export", str(place.model), "--format", "torch", "-o", str(place.folder / "exported")]


def inspect(place: Place) -> list[str]:
    return ["inspect", str(place.model), "--json"]


def generate(place: Place) -> list[str]:
    words = ["jazz", "--steps", "2"] if place.name.startswith("diffusion_cond") else []
    words += ["--steps", "2"] if place.name == "diffusion_uncond" else []
    out = str(place.folder / "made")
    return ["generate", str(place.model), *words, "-o", out, "--seconds", "0.1", "--device", "cpu"]


def convert(place: Place) -> list[str]:
    weights, document = place.model / "model.safetensors", place.model / "model_config.json"
    return ["convert", str(weights), "--config", str(document), "-o", str(place.folder / "converted")]


def validate(place: Place) -> list[str]:
    return ["validate", str(place.document)]


def train(place: Place) -> list[str]:
    """One step, on audio, spectrograms or latents."""
    audio = {"dataset_type": "audio_dir", "path": str(place.music)}
    data: dict[str, Any] = audio
    if place.name == "spectral_autoencoder":
        stft = {"n_fft": 64, "hop_length": 16}
        data = {"dataset_type": "spectrogram", "audio": audio, "stft": stft, "stereo": False, "cac": True,
                "target_frames": 32}  # fmt: skip
    elif place.name.startswith("hyperencoder"):
        latents = place.folder / "outer_latents"
        latents.mkdir()
        np.save(latents / "0.npy", np.random.default_rng(0).standard_normal((WIDTH, 32)).astype(np.float32))
        (latents / "0.json").write_text(json.dumps({"padding_mask": [1] * 32, "seconds_total": 1}))
        data = {"dataset_type": "pre_encoded", "path": str(latents), "latent_crop_length": 16}
    experiment = {
        "experiment": "train", "name": "run", "save_dir": str(place.folder / "runs"),
        "model_config": json.loads(place.document.read_text()), "dataset_config": data, "steps": 1, "batch_size": 1,
        "num_workers": 0, "accelerator": "cpu", "val_batches": 0, "logger": "none",
    }  # fmt: skip
    file = place.folder / "experiment.yaml"
    file.write_text(json.dumps(experiment))
    return ["train", "--config", str(file)]


COMMANDS: dict[str, Callable[[Place], list[str]]] = {
    "encode": encode,
    "decode": decode,
    "evaluate": evaluate,
    "pre-encode": pre_encode,
    "export": export,
    "inspect": inspect,
    "generate": generate,
    "convert": convert,
    "validate": validate,
    "train": train,
}


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    error: str


def run(arguments: list[str]) -> Outcome:
    """Run a command in this process; a traceback is raised."""
    from narrows.cli import main  # the models alone are for tests of packages below it

    out, error = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        code = main(arguments)
    return Outcome(code, out.getvalue(), error.getvalue())


def cells(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Model, command and outcome of every cell."""
    for number, name in enumerate(MODELS):
        place = prepare(folder / str(number), name)
        for command, arguments in COMMANDS.items():
            if command == "train" and name in GENERATIVE:
                continue  # needs a data set that tells the conditions: see tests/training
            try:
                outcome = run(arguments(place))
                text = "works" if outcome.code == 0 else f"exit {outcome.code}: {outcome.error.strip()[-100:]}"
            except Exception as error:
                text = f"TRACEBACK {type(error).__name__}: {error}"[:110]
            yield name, command, text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for name, command, text in cells(Path(temporary)):
            print(f"{name:<28} {command:<12} {text}", flush=True)
