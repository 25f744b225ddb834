"""Sounds that are made by code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.data import DataError
from narrows.data.toy_sounds import CLASSES, PROMPTS, toy_sound, write_toy_sounds

RATE = 16_000


@pytest.mark.parametrize("kind", CLASSES)
def test_a_sound_fills_its_length_without_a_click(kind: str) -> None:
    sound = toy_sound(kind, 0.75, RATE, np.random.default_rng(0)).audio
    assert len(sound) == 0.75 * RATE
    assert 0.3 < np.abs(sound).max() <= 0.8
    assert sound[-1] == 0
    assert not np.array_equal(sound, toy_sound(kind, 0.75, RATE, np.random.default_rng(1)).audio)


@pytest.mark.parametrize("kind", ["low_tone", "high_tone"])
def test_a_tone_has_the_pitch_of_its_label(kind: str) -> None:
    toy = toy_sound(kind, 2.0, RATE, np.random.default_rng(3))
    spectrum = np.abs(np.fft.rfft(toy.audio * np.hanning(len(toy.audio))))
    assert np.argmax(spectrum) / 2.0 == pytest.approx(toy.hertz, rel=0.01)


def test_a_seed_makes_the_same_folder_anywhere(tmp_path: Path) -> None:
    one, again, other = (write_toy_sounds(tmp_path / name, 16, seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    names = sorted(path.name for path in one.iterdir())
    assert len(names) == 32
    assert all((one / name).read_bytes() == (again / name).read_bytes() for name in names)
    assert any((one / name).read_bytes() != (other / name).read_bytes() for name in names)
    for path in one.glob("*.json"):
        labels = json.loads(path.read_text())
        assert labels["prompt"] in PROMPTS[labels["class"]]
        assert soundfile.info(path.with_suffix(".flac")).duration == pytest.approx(labels["seconds_total"], abs=1e-3)


def test_nothing_is_written_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(DataError, match="is not empty"):
        write_toy_sounds(tmp_path, 8)
    with pytest.raises(DataError, match="no toy sound 'flute'"):
        toy_sound("flute", 1.0, RATE, np.random.default_rng(0))
