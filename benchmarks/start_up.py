"""What imports and commands cost before they do anything, against `import torch`.

    python benchmarks/start_up.py --runs 7

Each run is a process of its own; kinds take turns, so that a busy machine slows all of them alike. Processor time is
what the ratios go by: it hardly depends on what else the machine does, whereas the time on the clock does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MODEL = """
import torch
from narrows.models import create_model_from_config, save_model
shape = {"channels": 32, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
save_model(create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": {
    "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 128, **shape}},
    "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 64, **shape}},
    "bottleneck": {"type": "vae"}, "latent_dim": 64, "downsampling_ratio": 2048, "io_channels": 2}}), FOLDER)
"""
CORPUS = Path(__file__).resolve().parents[1] / "tests" / "configs" / "corpus"


def first_loads(count: int, seed: int) -> dict[str, str]:
    """Import and first load of whole documents of the corpus, drawn at random: nobody tuned the loader for them."""
    whole = [path for path in sorted(CORPUS.rglob("*.json")) if '"model_type"' in path.read_text(encoding="utf-8")]
    drawn = random.Random(seed).sample(whole, min(count, len(whole)))
    load = "from narrows.configs import load_config; load_config"
    return {f"load {path.stem}": f"{load}({str(path)!r})" for path in drawn}


IMPORTS = {
    "import torch": "import torch",
    "import narrows.models": "import narrows.models",
    "load_model imported": "from narrows.models import load_model",
    "losses imported": "from narrows.losses import MultiLoss",
    "data imported": "from narrows.data import create_dataloader_from_config",
    "training imported": "from narrows.training import train",
    "encode_file imported": "from narrows.pipelines.codec_files import encode_file",
}


def cost(command: list[str]) -> tuple[float, float]:
    """Processor time and time on the clock of a command, in seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began


def commands(folder: Path, documents: int, seed: int) -> dict[str, list[str]]:
    """What is measured, by name."""
    python, narrows = [sys.executable, "-c"], [sys.executable, "-m", "narrows.cli"]
    model, clip = folder / "model", folder / "clip.wav"
    subprocess.run([*python, MODEL.replace("FOLDER", repr(str(model)))], check=True)
    import soundfile

    soundfile.write(clip, np.random.default_rng(0).uniform(-0.3, 0.3, (44100, 2)), 44100)
    found = {name: [*python, code] for name, code in (IMPORTS | first_loads(documents, seed)).items()}
    found["narrows --help"] = [*narrows, "--help"]
    found["narrows encode, 1 s"] = [*narrows, "encode", str(model), str(clip), "-o", str(folder), "--overwrite"]
    # The same work without the command line's imports: what the model alone costs on top of torch.
    code = f"import torch; from narrows.models import load_model; load_model({str(model)!r})"
    found["load the same model"] = [*python, code]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--documents", type=int, default=4, help="of the corpus, to load first (default 4)")
    parser.add_argument("--seed", type=int, default=0, help="that draws them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = commands(Path(folder), options.documents, options.seed)
        for command in measured.values():
            cost(command)
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in measured}
        for _ in range(options.runs):
            for name, command in measured.items():
                spent[name].append(cost(command))
    table = {}
    whole = statistics.median(cpu for cpu, _ in spent["import torch"])
    for name, runs in spent.items():
        cpu = [each for each, _ in runs]
        table[name] = {
            "processor s": round(statistics.median(cpu), 3),
            "least s": round(min(cpu), 3),
            "clock s": round(statistics.median(clock for _, clock in runs), 3),
            "times import torch": round(statistics.median(cpu) / whole, 3),
        }
        print(f"{name:<24}" + "  ".join(f"{key} {value:.3f}" for key, value in table[name].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
