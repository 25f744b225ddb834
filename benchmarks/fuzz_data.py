"""Mutated audio files and shards: nothing may crash, hang, write elsewhere or take memory without bound.

    python benchmarks/fuzz_data.py [--count 10000] [--seed 0]

Each case is a real file that was cut, bit-flipped, given a lying header or mixed with another, read in a child process
with limits on time and memory. A child reads many cases; when it dies, the case it died on is reported, and the next
child goes on after it. The exit status is 1 if any case crashed, hung or raised anything but `AudioFileError`.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import random
import resource
import struct
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from narrows.data import AudioFileError, ShardWriter, audio_info, read_audio, write_audio
from narrows.data.arrays import parse_array
from narrows.data.shards import index_shard, members, read_part

CASE_SECONDS = 20
MEMORY = 3 << 30
"""Bytes of address space that a child may take on top of what it has at its start."""
ENDINGS = ("wav", "flac", "ogg", "opus", "mp3", "aiff", "npy", "tar")
NAMES = (b"../../escape.wav", b"/abs/olute.wav", b"a/../../../b.npy", b"\xff\xfe.wav", b"." * 90)


def seeds(folder: Path) -> dict[str, bytes]:
    """A small good file of each kind."""
    audio = 0.3 * torch.randn(2, 12000, generator=torch.Generator().manual_seed(0)).clamp(-3, 3)
    files = {}
    for ending in ENDINGS[:6]:
        path = folder / f"seed.{ending}"
        write_audio(path, audio, 48000)
        files[ending] = path.read_bytes()
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.zeros((8, 50), np.float32))
    files["npy"] = buffer.getvalue()
    with ShardWriter(folder / "shard") as writer:
        for number, ending in enumerate(("wav", "flac", "npy")):
            writer.write(f"{number}", {ending: files[ending][:20000], "json": b'{"seconds_total": 1}'})
    files["tar"] = writer.shards[0].read_bytes()
    return files


def mutated(data: bytes, other: bytes, draw: random.Random) -> bytes:
    """A damaged copy."""
    result = bytearray(data)
    kind = draw.choice(("cut", "bits", "bits", "header", "header", "number", "number", "splice", "repeat", "name"))
    if kind == "cut":
        return bytes(result[: draw.randrange(len(result))])
    if kind in ("bits", "header"):
        limit = len(result) if kind == "bits" else min(200, len(result))
        for _ in range(draw.choice((1, 3, 20, 200))):
            result[draw.randrange(limit)] ^= 1 << draw.randrange(8)
    elif kind == "number":
        value = draw.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 65535, draw.getrandbits(32)))
        place = draw.randrange(min(600, len(result) - 4))
        result[place : place + 4] = struct.pack(draw.choice("<>") + "I", value)
    elif kind == "splice":
        place = draw.randrange(len(result))
        result[place:] = other[draw.randrange(len(other)) :]
    elif kind == "repeat":
        place = draw.randrange(len(result))
        result[place:place] = result[place : place + draw.randrange(5000)] * draw.randrange(1, 5)
    else:
        name = draw.choice(NAMES)
        result[: len(name)] = name
    return bytes(result)


def case(number: int, seed: int, files: dict[str, bytes]) -> tuple[str, bytes]:
    """The ending and content of a case; the same for every run."""
    draw = random.Random(f"{seed} {number}")
    ending, other = draw.choice(ENDINGS), draw.choice(ENDINGS)
    data = files[ending]
    for _ in range(draw.choice((1, 1, 2))):
        data = mutated(data, files[other], draw) or b"\0"
    return ending, data


def exercise(path: Path, data: bytes) -> None:
    """Everything the loaders do with a file."""
    path.write_bytes(data)
    if path.suffix == ".npy":
        try:
            parse_array(data, "npy")
        except ValueError as error:
            raise AudioFileError(path, str(error)) from error
    elif path.suffix == ".tar":
        for _name, _data in members(io.BytesIO(data), str(path)):
            pass
        for sample in index_shard(path):
            for part in sample.parts.values():
                read_part(path, part)
    else:
        frames = audio_info(path).frames
        read_audio(path, max(0, frames // 2 - 100), 4096, 44100, 1)
        read_audio(path, max(0, frames - 300), 4096)
        read_audio(path, 0, 65536, 16000, 2)


def child(start: int, stop: int, seed: int, folder: str, pipe: Connection) -> None:
    """Run cases, telling the parent before and after each."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders print their own complaints
    torch.set_num_threads(1)
    root = Path(folder)
    files = seeds(root / "seeds")
    work = root / "work"
    work.mkdir(exist_ok=True)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for number in range(start, stop):
        pipe.send((number, "begins"))
        ending, data = case(number, seed, files)
        path = work / f"case.{ending}"
        try:
            exercise(path, data)
            result = "read"
        except AudioFileError as error:
            result = "refused" if "\n" not in str(error) else "message of several lines"
        except MemoryError:
            result = "took too much memory"
        except Exception as error:
            result = f"raised {type(error).__name__}: {error}"
        path.unlink()
        pipe.send((number, result))
    pipe.send((stop, "done"))


def run(count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """All cases; figures, and what went wrong."""
    results: Counter[str] = Counter()
    problems: list[str] = []
    (folder / "seeds").mkdir()
    start, context = 0, multiprocessing.get_context("spawn")
    while start < count:
        parent, end = context.Pipe(duplex=False)
        process = context.Process(target=child, args=(start, count, seed, str(folder), end))
        process.start()
        end.close()
        number, state = start, "begins"
        while state != "done":
            if not parent.poll(CASE_SECONDS + 60 * (number == start)):
                process.kill()
                state = "hung"
            else:
                try:
                    number, state = parent.recv()
                except EOFError:
                    process.join()
                    state = f"killed the process (exit status {process.exitcode})"
            if state in ("begins", "done"):
                continue
            results[state.partition(":")[0]] += 1
            if state not in ("read", "refused"):
                problems.append(f"case {number}: {state}")
            if not process.is_alive() or state == "hung":
                break
        process.join()
        start = number + 1
    return results, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "a/b/c"
        folder.mkdir(parents=True)
        results, problems = run(arguments.count, arguments.seed, folder)
        outside = [str(path) for path in Path(temporary).rglob("*") if path.is_file() and folder not in path.parents]
    problems += [f"written outside: {path}" for path in outside]
    print(json.dumps(dict(results)), f"{time.perf_counter() - began:.0f} s")
    print("\n".join(problems) or "nothing crashed, hung, or wrote elsewhere")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
