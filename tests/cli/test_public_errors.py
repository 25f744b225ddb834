"""Every error that a user can cause is a `NarrowsError`: one message, exit code 1, no traceback."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from narrows.cli import main
from narrows.configs import NarrowsError

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
INTERNAL = {
    "narrows.audio.formats.ffmpeg.NotInstalled": "caught where the next decoder is tried",
    "narrows.data.faults.Rejected": "a clip's, counted by the data set",
    "narrows.studio.security.BodyTooLongError": "answered by the API, as a status",
    "narrows.models.inference.precision.process.ProbeError": "a kernel's, after which the layer runs in float32",
}
"""Exceptions that never leave their package."""


def exceptions() -> Iterator[str]:
    """Full names of the public exception classes that the packages define."""
    builtin = {name for name, value in vars(__import__("builtins")).items() if isinstance(value, type)}
    errors = {name for name in builtin if issubclass(getattr(__import__("builtins"), name), BaseException)}
    for path in sorted(PACKAGES.glob("*/src/narrows/**/*.py")):
        if "_generated" in path.parts:
            continue
        module = ".".join(path.relative_to(next(p for p in path.parents if p.name == "src")).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                bases = {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
                if bases & errors or any(base.endswith(("Error", "Exception")) for base in bases):
                    yield f"{module.removesuffix('.__init__')}.{node.name}"


FOUND = list(exceptions())


def test_the_walk_finds_them() -> None:
    assert len(FOUND) > 30
    assert {"narrows.configs.errors.ConfigError", "narrows.training.best.UnknownMetricError"} < set(FOUND)
    assert set(INTERNAL) <= set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_public_exceptions_have_one_base(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    kind = getattr(import_module(module), attribute)
    # What is no `Exception`, such as the end by a signal, has its own exit code.
    if name in INTERNAL or issubclass(kind, Warning) or kind is NarrowsError or not issubclass(kind, Exception):
        return
    assert issubclass(kind, NarrowsError), f"{name} would end in a traceback; or name it in INTERNAL, with the reason"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["logger=wandb"], "wandb"),
        (["logger=comet"], "comet"),
        (["logger=mlflow"], "mlflow"),
        (["logger=trackio"], "trackio"),
        (["best_metric=fad"], "best_metric is 'fad'"),
        (["strategy=fsdp", "precision=16-mixed"], "precision=16-mixed"),
        (["save_dir=/dev/null/runs"], "/dev/null"),
    ],
)
def test_what_training_cannot_do_is_one_message(
    overrides: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    for package in ("comet_ml", "mlflow", "trackio"):
        monkeypatch.setitem(sys.modules, package, None)
    small = ["steps=1", "batch_size=1", "num_workers=0", f"save_dir={tmp_path}"]
    assert main(["train", *small, *overrides]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["narrows.training", "lightning_fabric"])
def test_without_the_packages_of_training_the_way_out_is_named(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from narrows.cli import main; sys.exit(main(['train', 'steps=1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'pip install "narrows[train]"' in done.stderr
    assert "Traceback" not in done.stderr
