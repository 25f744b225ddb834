"""What workers find of files is what one process finds."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from support.sounds import noise, wav_bytes

from narrows.data import inspect_folder
from narrows.data.folders.inspect import FolderLook
from narrows.data.places import FolderHere
from narrows.pipelines import inspection
from narrows.pipelines.engines.jobs import Alone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(5):
        (tmp_path / f"{number}.wav").write_bytes(wav_bytes(noise(800 + number, 1, number), 8000))
    (tmp_path / "bad.wav").write_text("no audio")
    return tmp_path


class Try(Alone):
    """A try that remembers what it held."""

    def __init__(self, careful: bool, aside: dict[str, str] | None = None) -> None:
        super().__init__(aside)
        self.careful, self.held = careful, list[list[str]]()

    def holds(self, items) -> None:  # type: ignore[no-untyped-def]
        self.held.append(list(items))


def test_a_report_put_together_from_units_is_that_of_one_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "FILES", 2)

    def backwards(job, units, cluster, **options):  # type: ignore[no-untyped-def]
        worker = pickle.loads(pickle.dumps(job)).worker(torch.device("cpu"), 1)
        for unit in reversed(units):
            yield worker.work(unit, iter(()), Alone(options["aside"]))

    monkeypatch.setattr(inspection, "run_on_ray", backwards)
    cluster = inspection.Cluster()
    wanted = inspect_folder(folder)
    found = inspect_folder(folder, looked=lambda look, names: inspection.looked_into_on_ray(cluster, look, names))
    assert found == wanted
    assert list(found.bad) == ["bad.wav"]


@pytest.mark.parametrize("careful", [False, True])
def test_what_kills_workers_is_told_and_the_rest_is_read(folder: Path, careful: bool) -> None:
    look = FolderLook(FolderHere(folder))
    worker = inspection.InspectionJob(look).worker(torch.device("cpu"), 1)
    attempt = Try(careful, {"1.wav": "killed its worker three times"})
    found = worker.work(inspection.Files(0, ("0.wav", "1.wav")), iter(()), attempt)
    assert found is not None
    assert found.reports == [look("0.wav"), "killed its worker three times"]
    assert attempt.held == ([["0.wav"]] if careful else [["0.wav", "1.wav"]])
