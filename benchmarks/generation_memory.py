"""Peak memory of generation and of its stages, each in a process of its own, above that of the loaded model.

python benchmarks/generation_memory.py --seconds 30 360

The whole should need what its largest stage needs, and latents; sounds longer than 2^19 samples are decoded in pieces,
so that the memory of a decoder does not follow the length.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

RATE, RATIO, CHANNELS, STEPS = 44100, 2048, 64, 2
STAGES = ("loaded", "network", "decoder", "whole")
FIXED_THRESHOLD = {"MALLOC_MMAP_THRESHOLD_": str(2**18)}
"""glibc keeps freed blocks of up to 32 MiB otherwise, up to 200 MiB in all and not the same from run to run: that is
not memory that a stage needs."""


def frames(seconds: float) -> int:
    """Latent frames of a sound."""
    return math.ceil(seconds * RATE / RATIO)


def document(seconds: float, width: int) -> dict[str, Any]:
    """A conditional latent model in stereo with the strides of Stable Audio's codec, trained on `seconds`."""
    codec = {"channels": width, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
    sides: dict[str, Any] = {side: {"type": "oobleck", "config": dict(codec)} for side in ("encoder", "decoder")}
    sides["encoder"]["config"] |= {"in_channels": 2, "latent_dim": 2 * CHANNELS}
    sides["decoder"]["config"] |= {"out_channels": 2, "latent_dim": CHANNELS}
    shape = {"latent_dim": CHANNELS, "downsampling_ratio": RATIO, "io_channels": 2}
    length = {"id": "seconds_total", "type": "number", "config": {"min_val": 0, "max_val": 600}}
    backbone = {"io_channels": CHANNELS, "embed_dim": 256, "depth": 4, "num_heads": 4, "global_cond_dim": 128}
    return {
        "model_type": "diffusion_cond",
        "sample_rate": RATE,
        "sample_size": frames(seconds) * RATIO,
        "audio_channels": 2,
        "model": {
            "io_channels": CHANNELS,
            "pretransform": {"type": "autoencoder", "config": {**sides, "bottleneck": {"type": "vae"}, **shape}},
            "conditioning": {"cond_dim": 128, "configs": [length]},
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rectified_flow",
                "global_cond_ids": ["seconds_total"],
                "config": backbone,
            },
        },
    }


def work(stage: str, seconds: float, width: int) -> float:
    """Do one stage; the peak of this process in MiB."""
    from narrows.models import create_model_from_config
    from narrows.models.diffusion.generation.decoding import decoded

    torch.set_num_threads(1)
    model: Any = create_model_from_config(document(seconds, width)).eval().requires_grad_(False)
    latents = torch.randn(1, CHANNELS, frames(seconds))
    with torch.inference_mode():
        if stage == "network":
            inputs = model.get_conditioning_inputs(model.conditioner([{"seconds_total": seconds}], "cpu"))
            model.predict(latents, torch.tensor([0.5]), inputs, 6.0)
        elif stage == "decoder":
            decoded(model, latents[0], frames(seconds) * RATIO)
        elif stage == "whole":
            model.generate([{"seconds_total": seconds}], seed=0, seconds=seconds, steps=STEPS, cfg_scale=6.0)
    return peak_memory()


def peak_memory() -> float:
    """Of this process, in MiB. `ru_maxrss` would begin with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=[30, 360])
    parser.add_argument("--width", type=int, default=32, help="channels of the codec")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        print(json.dumps(work(options.stage, options.seconds[0], options.width)))
        return
    print("| seconds | network MiB | decoder MiB | whole MiB | latents MiB | audio MiB |\n|---|---|---|---|---|---|")
    for seconds in options.seconds:
        found = {stage: _child(stage, seconds, options.width) for stage in STAGES}
        latents, audio = (4 * numbers / 2**20 for numbers in (CHANNELS * frames(seconds), 2 * seconds * RATE))
        above = " | ".join(f"{found[stage] - found['loaded']:.0f}" for stage in STAGES[1:])
        print(f"| {seconds:g} | {above} | {latents:.1f} | {audio:.1f} |", flush=True)


def _child(stage: str, seconds: float, width: int) -> float:
    command = [sys.executable, __file__, "--stage", stage, "--seconds", str(seconds), "--width", str(width)]
    own = os.environ | FIXED_THRESHOLD
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=own).stdout))


if __name__ == "__main__":
    main()
