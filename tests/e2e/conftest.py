"""A fresh clone of what is committed, in which commands are typed as a new user types them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.fresh_clone import ROOT, Run

if "NARROWS_E2E" not in os.environ:
    collect_ignore_glob = ["test_*.py"]  # minutes long; `nox -s e2e` runs them


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clone; the first command in it makes its environment."""
    folder = tmp_path_factory.mktemp("clone") / "narrows"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def uv(clone: Path) -> Run:
    """`uv run ...` in the clone."""
    environment = {
        k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "OMP_NUM_THREADS"}
    }

    def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            ["uv", "run", *words], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == code, f"{words} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}"
        return result

    return run
