"""Nothing is imported that is not used, and every part can be the first one that is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
HEAVY = ["scipy", "matplotlib", "lightning_fabric", "hydra", "onnx", "onnxruntime", "boto3", "pandas"]
"""Packages that only some commands need."""


def imported(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after some code."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("name", ["configs", "models", "losses", "training", "cli"])
def test_packages_alone_import_nothing_heavy(name: str) -> None:
    assert not imported(f"import narrows.{name}") & {*HEAVY, "torch", "numpy"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "from narrows.models import load_model, create_model_from_config",
        "from narrows.models.inspection import inspect_model",
        "from narrows.pipelines.codec_files import encode_file, decode_file",
        "from narrows.pipelines.pre_encode import pre_encode",
        "from narrows.models.export import export_model",
        "from narrows.losses import MultiLoss, SumAndDifferenceSTFTLoss",
    ],
)
def test_commands_import_only_what_they_use(code: str) -> None:
    assert not imported(code) & set(HEAVY)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["encode", "decode", "evaluate", "pre-encode", "convert", "inspect", "export"])
def test_commands_work_without_the_packages_of_training(command: str, tmp_path: Path) -> None:
    """Each does its whole work in a process in which those packages cannot be imported."""
    code = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {{"lightning_fabric", "tensorboard"}} or name.startswith("narrows.training"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import numpy, soundfile
from narrows.cli import main
from narrows.models import create_model_from_config, save_model
shape = {{"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}}
save_model(create_model_from_config({{
    "model_type": "autoencoder", "sample_rate": 8000, "audio_channels": 1, "sample_size": 1024,
    "model": {{"latent_dim": 4, "downsampling_ratio": 8, "io_channels": 1,
        "encoder": {{"type": "oobleck", "config": {{"in_channels": 1, "latent_dim": 4, **shape}}}},
        "decoder": {{"type": "oobleck", "config": {{"out_channels": 1, "latent_dim": 4, **shape}}}}}}}}), "model")
soundfile.write("clip.wav", numpy.random.default_rng(0).uniform(-0.3, 0.3, 8000), 8000)
encode = ["encode", "model", "clip.wav", "-o", "codes"]
steps = {{
    "encode": [encode], "decode": [encode, ["decode", "model", "codes/clip.narrows", "-o", "out"]],
    "evaluate": [["evaluate", "model", "clip.wav", "--html", "page.html"]],
    "pre-encode": [["pre-encode", "ckpt_path=model", "data.path=.", "output_path=latents", "num_workers=1"]],
    "convert": [["convert", "model/model.safetensors", "--config", "model/model_config.json", "-o", "new"]],
    "inspect": [["inspect", "model"]],
    "export": [["export", "model", "--format", "torch", "-o", "graphs"]],
}}
sys.exit(max(main(step) for step in steps[{command!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def modules() -> list[str]:
    """The parts of the packages whose names load when they are first used."""
    found = []
    for package in ("models", "losses"):
        inside = PACKAGES / package / "src" / "narrows" / package
        paths = [*inside.glob("*.py"), *inside.glob("*/__init__.py")]
        names = [".".join(path.relative_to(inside).with_suffix("").parts).removesuffix(".__init__") for path in paths]
        found += [f"narrows.{package}.{name}" for name in sorted(names) if name != "__init__"]
    return found


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_part_can_be_imported_first() -> None:
    """No part leans on another having been imported before. Forks of one process, as torch takes its time."""
    code = f"""
import importlib, os, sys, traceback
import torch, torch.utils.data, pydantic, soundfile
failed = []
for name in {modules()!r}:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(*failed)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [], done.stderr
