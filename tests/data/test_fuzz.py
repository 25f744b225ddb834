"""Damaged files and shards, a few; benchmarks/fuzz_data.py runs many, with limits on time and memory."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from narrows.data import AudioFileError

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks/fuzz_data.py"


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("fuzz_data", SCRIPT)
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    files = fuzz.seeds(tmp_path)
    refused = 0
    for number in [*range(100), 416, 933, 951]:  # the last three were once more than refused
        ending, data = fuzz.case(number, 0, files)
        try:
            fuzz.exercise(tmp_path / f"case.{ending}", data)
        except AudioFileError:
            refused += 1
    assert 20 < refused < 100


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "opus", "mp3", "aiff", "npy", "tar"])
def test_the_undamaged_ones_are_read(tmp_path: Path, ending: str) -> None:
    spec = importlib.util.spec_from_file_location("fuzz_data", SCRIPT)
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    fuzz.exercise(tmp_path / f"good.{ending}", fuzz.seeds(tmp_path)[ending])
