"""Build every wheel, install each with its own dependencies only in an empty environment, and import it there.

This proves that each package declares what it needs and needs nothing above it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["configs", "audio", "models", "losses", "data", "pipelines", "training", "cli"]


def run(*command: str | Path) -> None:
    """Run a command; what it prints is shown only when it fails."""
    result = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        print(result.stdout + result.stderr, file=sys.stderr)
        raise SystemExit(f"failed: {' '.join(str(word) for word in command)}")


def main() -> int:
    """Build, install, import."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder) / "wheels"
        run("uv", "build", "--all-packages", "--wheel", "--out-dir", wheels)
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("torch==2.13.0\n")
        for package in PACKAGES:
            name = "narrows" if package == "cli" else f"narrows-{package}"
            python = Path(folder) / package / "bin" / "python"
            run("uv", "venv", "--quiet", "--python", sys.executable, python.parent.parent)
            arguments: list[str | Path] = ["--find-links", wheels, "--constraint", constraints, name]
            run("uv", "pip", "install", "--quiet", "--python", python, *arguments)
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
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
