"""Generate `narrows.configs._generated` from `schemas-json/`: the typed classes and one bundle of all schemas.

Run through nox: `nox -s codegen` writes, `nox -s codegen -- --check` fails when the committed files differ from what
the schemas give. The settings of datamodel-code-generator are in `[tool.datamodel-codegen]` of pyproject.toml.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from corrections import corrected, required_keys
from lazy_modules import make_lazy

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas-json"
GENERATED = ROOT / "packages/configs/src/narrows/configs/_generated"


def generate(target: Path) -> None:
    """Write the generated classes and `bundle.json` to `target`."""
    subprocess.run([sys.executable, "-m", "datamodel_code_generator", "--output", str(target)], cwd=ROOT, check=True)
    required = dict(keys for path in SCHEMAS.rglob("*.json") for keys in required_keys(_loaded(path)))
    for module in target.rglob("*.py"):
        module.write_text(corrected(module.read_text(encoding="utf-8"), required), encoding="utf-8")
    make_lazy(target, unions())
    (target / "bundle.json").write_text(json.dumps(bundle(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _loaded(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def unions() -> dict[str, tuple[str, dict[str, str]]]:
    """Every union that is told apart by a field: its title, the field, and the place of each class by tag."""
    found = {}
    for path in sorted(SCHEMAS.rglob("*.json")):
        schema = _loaded(path)
        if "discriminator" in schema:
            tag = schema["discriminator"]["propertyName"]
            members = [(path.parent / branch["$ref"]).resolve() for branch in schema["oneOf"]]
            found[schema["title"]] = (tag, {t: place for member in members for t, place in _places(member, tag)})
    return found


def _places(path: Path, tag: str) -> list[tuple[str, str]]:
    """The tags of a member of a union, each with the place of its class."""
    schema = _loaded(path)
    module = ".".join(path.relative_to(SCHEMAS).with_suffix("").parts)
    selects = schema["properties"][tag]
    return [(value, f"{module}:{schema['title']}") for value in selects.get("enum", [selects.get("const")])]


def bundle() -> dict[str, Any]:
    """All schemas as one compound document (JSON Schema 2020-12, section 9.3): each keeps its `$id` below `$defs`.

    The root accepts any whole document: an experiment, a model file or a data set file.
    """
    files = {path.relative_to(SCHEMAS).as_posix(): path for path in sorted(SCHEMAS.rglob("*.json"))}
    schemas = {name: _loaded(path) for name, path in files.items()}
    base = schemas["model.json"]["$id"].removesuffix("model.json")
    return {
        "$schema": schemas["model.json"]["$schema"],
        "$id": f"{base}narrows.json",
        "title": "Narrows",
        "description": "Any document of Narrows: an experiment, a model file or a data set file.",
        "oneOf": [{"$ref": "experiment.json"}, {"$ref": "model.json"}, {"$ref": "dataset.json"}],
        "$defs": schemas,
    }


def differences(expected: Path, actual: Path) -> list[str]:
    """Files that are missing, extra or different below two folders, as relative paths."""
    found = []
    names = {p.relative_to(root) for root in (expected, actual) for p in root.rglob("*") if p.is_file()}
    for name in sorted(n for n in names if "__pycache__" not in n.parts):
        left, right = expected / name, actual / name
        if not right.is_file():
            found.append(f"missing: {right.relative_to(ROOT)}")
        elif not left.is_file():
            found.append(f"no schema gives: {right.relative_to(ROOT)}")
        elif not filecmp.cmp(left, right, shallow=False):
            found.append(f"out of date: {right.relative_to(ROOT)}")
    return found


def write(source: Path, target: Path) -> None:
    """Make `target` equal to `source`, touching only files that differ."""
    for old in [p for p in target.rglob("*") if p.is_file() and not (source / p.relative_to(target)).exists()]:
        old.unlink()
    for new in [p for p in source.rglob("*") if p.is_file()]:
        place = target / new.relative_to(source)
        if not place.exists() or place.read_bytes() != new.read_bytes():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(new, place)


def main() -> int:
    """Write, or with --check compare; exit status 1 on drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "_generated"
        generate(fresh)
        drift = differences(fresh, GENERATED)
        if check:
            print("\n".join([*drift, "Run `nox -s codegen` and commit the result."]) if drift else "No drift.")
            return 1 if drift else 0
        write(fresh, GENERATED)
    print(f"{len(drift)} files changed.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
