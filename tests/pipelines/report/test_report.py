"""Reports: the page holds everything in itself, and what it shows is what it was given."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.pipelines.report import Clip, Report, write_report
from narrows.pipelines.report.pictures import spectrogram_db
from narrows.pipelines.report.references import FOLDER, MOST_POINTS, thinned

RATE = 16000


def tone(hertz: float, amplitude: float = 0.5, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(int(RATE * seconds)) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[None].repeat(2, axis=0)


@pytest.fixture
def page(tmp_path: Path) -> str:
    clip = Clip("a <b> clip", tone(1000), 0.5 * tone(1000), RATE, {"SI-SDR": 12.25})
    report = Report(
        "Run & report",
        summary={"SI-SDR (dB)": [-3.0, 12.5]},
        columns=["before", "after"],
        curves={"loss": {"total": [(0, 10.0), (1, 5.0), (2, 1.0)]}},
        clips=[clip],
        notes=["1 file was skipped: <x>.wav"],
        config="steps: 3",
    )
    return write_report(report, tmp_path / "report.html").read_text()


def test_the_page_needs_nothing_else(page: str) -> None:
    addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses), "an address leads outside the page"


def test_players_hold_original_reconstruction_and_difference(page: str) -> None:
    players = re.findall(r'<audio[^>]*data-version="(\w+)" src="data:audio/flac;base64,([^"]*)"', page)
    assert [name for name, _ in players] == ["original", "reconstruction", "difference"]
    sounds = {name: soundfile.read(io.BytesIO(base64.b64decode(content)))[0].T for name, content in players}
    np.testing.assert_allclose(sounds["original"], tone(1000), atol=1e-4)
    np.testing.assert_allclose(sounds["difference"], -0.5 * tone(1000), atol=1e-4)


def test_text_is_escaped_and_values_are_shown(page: str) -> None:
    assert "a &lt;b&gt; clip" in page
    assert "&lt;x&gt;.wav" in page
    assert "12.500" in page
    assert "SI-SDR 12.250" in page


def test_pictures_are_pngs_and_a_curve(page: str) -> None:
    pictures = re.findall(r'<img src="data:image/png;base64,([^"]*)"', page)
    assert len(pictures) == 3
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    assert page.count("<svg") == 1


@pytest.mark.parametrize("samples", [1, 511, 5000])
def test_spectrogram_of_any_length_is_finite(samples: int) -> None:
    picture = spectrogram_db(np.ones((1, samples), dtype=np.float32))
    assert picture.shape[0] == 1025
    assert np.isfinite(picture).all()


def test_a_full_scale_sine_stands_at_0_db_in_its_bin() -> None:
    picture = spectrogram_db(tone(1000, amplitude=1.0))
    middle = picture[:, picture.shape[1] // 2]
    assert middle.argmax() == 1000 * 2048 // RATE
    assert middle.max() == pytest.approx(0, abs=0.1)


def test_metrics_that_are_not_there_leave_their_part_out(tmp_path: Path) -> None:
    page = write_report(Report("Empty"), tmp_path / "report.html").read_text()
    assert "<h2>Clips" not in page
    assert "<h2>Curves" not in page


def test_reference_curves_are_drawn_behind(tmp_path: Path) -> None:
    alone = Report("Run", curves={"loss": {"total": [(0, 10.0), (1, 5.0)]}})
    beside = Report("Run", curves=alone.curves, behind={"loss": {"total": [(0, 9.0), (1, 4.0)], "other": [(0, 1.0)]}})
    pages = [write_report(report, tmp_path / "report.html").read_text() for report in (alone, beside)]
    assert ["total, reference" in page for page in pages] == [False, True]
    assert "stroke-dasharray" in pages[1]
    assert "other, reference" not in pages[1]


def test_shipped_references_are_whole_and_small() -> None:
    files = list(FOLDER.glob("*.json"))
    assert files
    for path in files:
        assert path.stat().st_size < 60_000
        document = json.loads(path.read_text())
        assert {"training loss", "validation: mel_distance"} <= document["curves"].keys()
        lengths = {len(points) for group in document["curves"].values() for points in group.values()}
        assert max(lengths) <= MOST_POINTS
        distances = [value for _, value in document["curves"]["validation: mel_distance"]["mel_distance"]]
        assert distances[-1] < distances[0]


def test_thinning_keeps_both_ends() -> None:
    points = [(float(step), 1 / (step + 1)) for step in range(1000)]
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert (kept[0][0], kept[-1][0]) == (0.0, 999.0)
    assert thinned(points[:3]) == [(0.0, 1.0), (1.0, 0.5), (2.0, 0.3333)]
