"""A test that hangs fails and is named, also where native code holds the interpreter and sees no signals."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANGING = """
import itertools, time

def test_before():
    pass

def test_in_python():
    time.sleep(1000)

def test_between():
    pass

def test_in_native_code():
    sum(itertools.repeat(0))

def test_after():
    pass
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Pytest with the settings of this workspace and shorter limits."""
    (folder / "test_hanging.py").write_text(HANGING)
    limits = ("--timeout=1", "--override-ini=faulthandler_timeout=3")
    command = (sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder))
    plain = ("-p", "no:cacheprovider", "--override-ini=pythonpath=", "-v", str(folder))
    return subprocess.run([*command, *limits, *plain, *options], capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of POSIX")
def test_with_workers_only_those_that_hang_fail(tmp_path: Path) -> None:
    done = run(tmp_path, "-n", "1")
    assert done.returncode == 1
    assert re.search(r"FAILED \S*test_hanging.py::test_in_python\b", done.stdout)
    assert re.search(r"worker 'gw0' crashed while running '\S*test_hanging.py::test_in_native_code'", done.stdout)
    assert "2 failed, 3 passed" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of POSIX")
def test_without_workers_the_run_ends_and_names_it(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1
    assert "test_hanging.py::test_in_python FAILED" in done.stdout
    assert "test_hanging.py::test_between PASSED" in done.stdout
    assert "test_hanging.py::test_in_native_code" in done.stdout.splitlines()[-1]
    assert "in test_in_native_code" in done.stderr


def test_every_test_has_limits(pytestconfig: pytest.Config) -> None:
    """Those of the settings, and native code is given up after Python was interrupted."""
    python, native = float(pytestconfig.getini("timeout")), float(pytestconfig.getini("faulthandler_timeout"))
    assert 0 < python < native
    assert pytestconfig.getini("timeout_method") == "signal"
    assert pytestconfig.getini("faulthandler_exit_on_timeout")


def test_long_tests_are_left_out_unless_asked_for(pytester_folder: Path) -> None:
    wanted = {(): "test_short PASSED", ("-m", "long"): "test_long PASSED", ("-m", "not slow"): "test_short PASSED"}
    for options, line in wanted.items():
        done = run_in(pytester_folder, *options)
        assert done.returncode == 0, done.stdout
        assert line in done.stdout
        assert "1 passed, 1 deselected" in done.stdout


LONG = """
import pytest

def test_short():
    pass

@pytest.mark.long
def test_long():
    pass
"""


@pytest.fixture
def pytester_folder(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_two.py").write_text(LONG)
    return tmp_path


def run_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT))
    plain = ("-p", "no:cacheprovider", "-v", str(folder))
    return subprocess.run([*command, *plain, *options], capture_output=True, text=True, timeout=120, cwd=folder)
