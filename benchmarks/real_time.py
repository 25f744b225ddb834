"""How fast the shipped architectures are here: real-time factor, peak memory, threads and versions, as JSON.

python benchmarks/real_time.py [--only oobleck dac seanet] [--seconds 10] [--precision float32 bfloat16] [--compile]
    [--threads N] [--write]

Each line is measured in a process of its own, on random weights. A factor of 5 means that a minute of sound takes 12
seconds. --write keeps the result in docs/speed/real_time.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from against.architectures import ARCHITECTURES
from against.timing import Stopwatch, peak_memory

from narrows.models import create_model_from_config
from narrows.models.inference import prepare_for_inference


def main() -> None:
    """Measure each architecture and print all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    parser.add_argument("--precision", nargs="+", choices=("float32", "bfloat16"), default=("float32", "bfloat16"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.only:
        for precision in arguments.precision:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                rows.append(pool.submit(measure, name, precision, arguments).result())
    text = json.dumps(rows, indent=1)
    print(text)
    if arguments.write:
        path = Path(__file__).parents[1] / "docs" / "speed" / "real_time.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")


def measure(name: str, precision: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of an architecture in one precision."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    dtype, config = getattr(torch, precision), ARCHITECTURES[name]()
    model = create_model_from_config(config).to(arguments.device)
    prepared = prepare_for_inference(model, dtype, compile=arguments.compile)
    ratio = model.downsampling_ratio
    length = -(-round(arguments.seconds * config["sample_rate"]) // ratio) * ratio
    audio = 0.3 * torch.randn(1, model.in_channels, length, device=arguments.device, dtype=dtype)
    watch, sound = Stopwatch(arguments.device), length / config["sample_rate"]
    with torch.inference_mode():
        latents = model.encode(audio)
        model.decode(latents)
        encode = statistics.median(watch(lambda: model.encode(audio)) for _ in range(arguments.rounds))
        decode = statistics.median(watch(lambda: model.decode(latents)) for _ in range(arguments.rounds))
    on_gpu = arguments.device.startswith("cuda")
    return {
        "architecture": name,
        "prepared": str(prepared),
        "seconds_of_sound": sound,
        "encode_real_time_factor": sound / encode,
        "decode_real_time_factor": sound / decode,
        "peak_bytes": peak_memory(arguments.device),
        "device": torch.cuda.get_device_name() if on_gpu else platform.machine(),
        "threads": arguments.threads,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


if __name__ == "__main__":
    main()
