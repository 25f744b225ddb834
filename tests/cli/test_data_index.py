"""`narrows data index`, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.sounds import write_sounds

from narrows.cli.main import main

pytest.importorskip("pyarrow")


def test_an_index_is_made_and_brought_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    music = write_sounds(tmp_path / "music", 3)
    command = ["data", "index", str(music), "-o", str(tmp_path / "music.parquet")]
    assert main(command) == 0
    assert "3 files of 0.00 h in" in capsys.readouterr().out
    (music / "001.wav").unlink()
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["files"], found["opened"], found["kept"], found["gone"]) == (2, 0, 2, 1)


def test_what_is_no_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "index", str(tmp_path / "none"), "-o", str(tmp_path / "i.parquet")]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "does not exist" in message
