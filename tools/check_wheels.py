"""Build every wheel, look at its metadata, install each with its own dependencies only, and import it there.

`--keep FOLDER` copies the wheels there when all of that went well; `--version 1.2.3` refuses wheels of another version.

This proves that each package declares what it needs and needs nothing above it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["configs", "audio", "models", "losses", "data", "pipelines", "training", "cli"]


def run(*command: str | Path) -> None:
    """Run a command; what it prints is shown only when it fails."""
    result = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        print(result.stdout + result.stderr, file=sys.stderr)
        raise SystemExit(f"failed: {' '.join(str(word) for word in command)}")


def check_metadata(wheel: Path) -> None:
    """What a registry shows and a type checker looks for is in a wheel: summary, page, licence, py.typed."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    head, _, page = metadata.partition("\n\n")
    wanted = ("Summary: ", "License-Expression: Apache-2.0", "License-File: LICENSE", "Requires-Python: >=3.11")
    missing = [line for line in wanted if f"\n{line}" not in head]
    missing += [] if page.strip() else ["the page (README.md)"]
    missing += [] if any(name.endswith("/licenses/LICENSE") for name in names) else ["the text of the licence"]
    missing += [] if any(name.endswith("/py.typed") for name in names) else ["py.typed"]
    if missing:
        raise SystemExit(f"{wheel.name} lacks {', '.join(missing)}")


def check_version(wheel: Path, version: str) -> None:
    """A wheel is of the version that is released."""
    found = wheel.name.split("-")[1]
    if found != version:
        raise SystemExit(
            f"{wheel.name} is of version {found}, and {version} is to be released: change its pyproject.toml"
        )


def keep(wheels: Path, folder: Path) -> None:
    """Copy wheels into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in sorted(wheels.glob("*.whl")):
        shutil.copy2(wheel, folder)


def main() -> int:
    """Build, install, import."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy the wheels there when all went well")
    parser.add_argument("--version", metavar="VERSION", help="refuse wheels of another version")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder) / "wheels"
        run("uv", "build", "--all-packages", "--wheel", "--out-dir", wheels)
        for wheel in sorted(wheels.glob("*.whl")):
            check_metadata(wheel)
            if arguments.version:
                check_version(wheel, arguments.version)
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("torch==2.13.0\n")
        for package in PACKAGES:
            name = "narrows" if package == "cli" else f"narrows-{package}"
            python = Path(folder) / package / "bin" / "python"
            run("uv", "venv", "--quiet", "--python", sys.executable, python.parent.parent)
            sources: list[str | Path] = ["--find-links", wheels, "--constraint", constraints, name]
            run("uv", "pip", "install", "--quiet", "--python", python, *sources)
            above = PACKAGES[PACKAGES.index(package) + 1 :] if package != "data" else ["training", "cli"]
            absent = "; ".join(f"assert u.find_spec('narrows.{other}') is None, '{other}'" for other in above)
            probe = f"import narrows.{package}; import importlib.util as u; {absent or 'pass'}"
            run(python, "-W", "error::ImportWarning", "-c", probe)
            print(f"{name}: built, installed alone, imported")
        wheel = next(wheels.glob("narrows_configs-*.whl"))
        run(
            sys.executable,
            "-c",
            f"import zipfile; assert 'narrows/__init__.py' not in zipfile.ZipFile('{wheel}').namelist()",
        )
        if arguments.keep:
            keep(wheels, arguments.keep)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
