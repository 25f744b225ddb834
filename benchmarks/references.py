"""Speed against stable-audio-tools, descript-audio-codec and vector-quantize-pytorch: same weights, inputs and threads.

Runs in an environment of its own, which `nox -s references` builds and uses:

nox -s references -- [--only oobleck dac seanet quantizers training diffusion diffusion_training] [--rounds 3]
    [--seconds 10] [--write]

Prints a table; with --write it also replaces docs/speed/references.json, references.svg and the table of docs/speed.md.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

# What `narrows` asks of oneDNN, for each of the four models of ours that one case holds in this process.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16384")

import torch  # noqa: E402
from against import autoencoders, diffusion, diffusion_training, quantizers, report, training  # noqa: E402
from against.timing import matrix_peak  # noqa: E402

CASES = ("oobleck", "dac", "seanet", "quantizers", "training", "diffusion", "diffusion_training")
SECONDS = {"oobleck": 10.0, "dac": 5.0, "seanet": 10.0}
PACKAGES = (
    *("torch", "stable-audio-tools", "descript-audio-codec", "encodec", "vector-quantize-pytorch"),
    "narrows-models",
)


def main() -> None:
    """Measure what is asked for, print it and, on request, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, help="length of the sound; default 10, and 5 for dac")
    parser.add_argument("--samples", type=int, default=32768, help="length of a training step's sound")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    result = {"machine": machine(arguments), "rows": []}
    for case in arguments.only:
        rows = measure(case, arguments)
        result["rows"] += rows
        print(report.table(rows), flush=True)
    result["machine"]["matrix_peak_after"] = peaks(arguments.device)
    print(json.dumps(result["machine"], indent=1))
    if arguments.write:
        report.write(result, Path(__file__).parents[1] / "docs")


def measure(case: str, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The rows of a case."""
    if case == "quantizers":
        return quantizers.compare(arguments.rounds, arguments.device)
    if case == "training":
        rounds, device, samples = arguments.rounds, arguments.device, arguments.samples
        return [row for judged in (True, False) for row in training.compare(rounds, device, samples, judged)]
    if case == "diffusion":
        return diffusion.compare(arguments.rounds, arguments.device)
    if case == "diffusion_training":
        return diffusion_training.compare(arguments.rounds, arguments.device)
    return autoencoders.compare(case, arguments.seconds or SECONDS[case], arguments.rounds, arguments.device)


def machine(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "date": datetime.date.today().isoformat(),
        "device": torch.cuda.get_device_name() if arguments.device.startswith("cuda") else processor(),
        "threads": arguments.threads,
        "rounds": arguments.rounds,
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "matrix_peak": peaks(arguments.device),
    }


def processor() -> str:
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()


def peaks(device: str) -> dict[str, float]:
    """Operations a second of large matrix products."""
    return {str(dtype)[6:]: matrix_peak(dtype, device) for dtype in (torch.float32, torch.bfloat16)}


if __name__ == "__main__":
    main()
