"""The files that a hosting site and tools read: they name what is here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("nox")
ROOT = Path(__file__).parents[2]


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sessions() -> dict[str, bool]:
    """Names of all sessions, and whether plain `nox` runs them."""
    chosen = {session["session"] for session in json.loads(_nox("--list", "--json"))}
    every = re.findall(r"^[-*] (\S+)", _nox("--list"), re.MULTILINE)
    return {name: name in chosen for name in every}


def _nox(*arguments: str) -> str:
    command = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_ci_runs_the_sessions_of_plain_nox(sessions: dict[str, bool]) -> None:
    jobs = read(".github/workflows/ci.yml")["jobs"]
    matrices = {name: job["strategy"]["matrix"]["session"] for name, job in jobs.items()}
    assert sorted(matrices["linux"]) == sorted(name for name in sessions if sessions[name])
    assert matrices["others"] == [name for name in sessions if name.startswith("tests(")]
    assert matrices["cuda"] == ["tests_cuda"]
    assert "tests_cuda" in sessions
    for job in jobs.values():
        assert job["steps"][-1] == {"run": 'uv run nox -s "${{ matrix.session }}"'}


def test_a_release_publishes_what_the_session_kept(sessions: dict[str, bool]) -> None:
    workflow = read(".github/workflows/release.yml")
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    [command] = [step["run"] for step in build["steps"] if "run" in step]
    assert command.startswith("uv run nox -s build -- --keep dist ")
    assert "build" in sessions
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}
    assert not [step for step in publish["steps"] if "run" in step], "no code runs beside the token"


def test_hooks_are_sessions(sessions: dict[str, bool]) -> None:
    [local] = read(".pre-commit-config.yaml")["repos"]
    entries = [hook["entry"].split() for hook in local["hooks"]]
    assert {entry[entry.index("-s") + 1] for entry in entries} == {"lint", "codegen_check"} <= sessions.keys()


def test_a_citation_is_of_this_version() -> None:
    citation = read("CITATION.cff")
    project = tomllib.loads((ROOT / "packages/cli/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["authors"]


@pytest.mark.parametrize("name", ["bug", "format"])
def test_issue_forms_ask_for_the_environment(name: str) -> None:
    form = read(f".github/ISSUE_TEMPLATE/{name}.yml")
    [environment] = [part for part in form["body"] if part["id"] == "environment"]
    assert "`narrows env`" in environment["attributes"]["description"]
    assert environment["validations"]["required"]
