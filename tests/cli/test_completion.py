"""Completion of the shell, as a shell asks for it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from narrows.cli.main import COMMANDS, completion, main


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "narrows"
    path.write_text(completion("bash"), encoding="utf-8")
    return path


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [(["gen"], {"generate"}), (["encode", "--chu"], {"--chunk-size"}), (["export", "--format", "a"], {"aotinductor"})],
)
def test_bash_completes(script: Path, words: list[str], expected: set[str]) -> None:
    line = " ".join(["narrows", *words])
    asked = f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _shtab_narrows"
    code = f"source {script}; {asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    made = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert set(made.stdout.split()) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_script_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", shell]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in COMMANDS)
