"""Peak memory and time of encoding and decoding files of growing length, each in a process of its own.

python benchmarks/long_audio.py --minutes 1 5 60
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE = 44100


def write_audio(path: Path, minutes: float) -> None:
    """Noise in stereo, written in blocks."""
    rng = np.random.default_rng(0)
    block = rng.uniform(-0.3, 0.3, (RATE, 2)).astype("float32")
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _ in range(round(minutes * 60)):
            file.write(block)


def code_one(audio: Path, width: int, chunk: int) -> dict[str, float]:
    """Encode and decode a file; seconds and peak memory in MiB."""
    import torch
    from pre_encode import model_of

    from narrows.pipelines.codec_files import decode_file, encode_file

    torch.set_num_threads(1)
    model = model_of(width)
    found: dict[str, float] = {}
    began = time.perf_counter()
    encode_file(model, audio, audio.with_suffix(".nrw"), chunk_size=chunk)
    found["encode s"] = time.perf_counter() - began
    found["encode MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    decode_file(model, audio.with_suffix(".nrw"), audio.with_suffix(".out.wav"), chunk_size=chunk)
    found["decode s"] = time.perf_counter() - began
    found["decode MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert soundfile.info(audio.with_suffix(".out.wav")).frames == soundfile.info(audio).frames
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 5, 60])
    parser.add_argument("--width", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=64)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file:
        print(json.dumps(code_one(options.file, options.width, options.chunk)))
        return
    for minutes in options.minutes:
        with tempfile.TemporaryDirectory() as folder:
            audio = Path(folder) / "noise.wav"
            write_audio(audio, minutes)
            command = [sys.executable, __file__, "--file", str(audio)]
            command += ["--width", str(options.width), "--chunk", str(options.chunk)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(f"{minutes:g} min: " + ", ".join(f"{name} {value:.1f}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
