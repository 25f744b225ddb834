"""`narrows env` says what is there, also where PyTorch does not load."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import pytest

from narrows.cli import main
from narrows.cli.commands import env


def test_it_names_versions_machine_and_extras(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["Narrows"]["narrows-models"] == version("narrows-models")
    assert found["Libraries"]["numpy"] == version("numpy")
    assert found["Machine"]["cores"] >= 1
    assert {"narrows-models[text]", "narrows-audio[m4a]", "narrows[train]"} <= found["Extras"].keys()
    assert all(value == "installed" or value.startswith("missing: ") for value in found["Extras"].values())
    assert main(["env"]) == 0
    assert f"version         {found['PyTorch']['version']}" in capsys.readouterr().out


def test_a_torch_that_does_not_load_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["env"]) == 0
    assert "ModuleNotFoundError" in capsys.readouterr().out


def test_what_an_extra_misses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["av>=14 ; extra == 'm4a'", 'boto3>=1.36; extra == "s3"', "numpy>=2"]
    assert list(env._requirements(lines, "m4a")) == ["av"]
    assert list(env._requirements(lines, "s3")) == ["boto3"]
    monkeypatch.setattr(env, "_version", lambda name: "not installed" if name == "av" else "1")
    assert dict(env._extras())["narrows-audio[m4a]"] == "missing: av"
