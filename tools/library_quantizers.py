"""Generate `schemas-json/library_quantizers/` from the signatures of vector-quantize-pytorch.

Run through nox: `nox -s library_quantizers` writes, `nox -s library_quantizers -- --check` fails when the committed
schemas differ from what the installed release gives, or when it has a class or an option that no table names.
Names and defaults are those of the signatures; types, limits and descriptions stand in `library_options.py`.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
from pathlib import Path
from typing import Any

import vector_quantize_pytorch as library
from library_options import LEFT_OUT, LEFT_OUT_OF, NO_QUANTIZERS, OPTIONS, QUANTIZERS

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas-json"
FOLDER = "library_quantizers"
BASE = "https://narrows.dev/schemas/v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class UnknownError(Exception):
    """The library has something that no table names."""


def classes() -> list[str]:
    """The quantizer classes of the library that a document may name.

    Raises:
        UnknownError: the tables and the library differ.
    """
    found = {name for name, value in vars(library).items() if inspect.isclass(value)}
    if unknown := found - QUANTIZERS.keys() - NO_QUANTIZERS.keys():
        raise UnknownError(f"New classes {sorted(unknown)}: add them to QUANTIZERS or NO_QUANTIZERS.")
    if missing := QUANTIZERS.keys() - found:
        raise UnknownError(f"The library has no {sorted(missing)}: install the release of the schemas, or later.")
    return list(QUANTIZERS)


def parameters(name: str) -> dict[str, inspect.Parameter]:
    """Options of a class by name, with those that it passes on, less what is left out."""
    given = dict(inspect.signature(getattr(library, name).__init__).parameters)
    del given["self"]
    further = [key for key, parameter in given.items() if parameter.kind is inspect.Parameter.VAR_KEYWORD]
    for key in further:
        del given[key]
    inner = QUANTIZERS[name][1]
    if further and inner:
        hidden = LEFT_OUT_OF.get(f"{inner}>{name}", {})
        given |= {k: v for k, v in parameters(inner).items() if k not in given and k not in hidden}
    hidden = LEFT_OUT_OF.get(name, {})
    return {key: value for key, value in given.items() if key not in LEFT_OUT and key not in hidden}


def option(name: str, key: str, parameter: inspect.Parameter) -> dict[str, Any]:
    """Schema of one option.

    Raises:
        UnknownError: the table does not describe it.
    """
    if key not in OPTIONS:
        raise UnknownError(f"{name} has a new option {key!r}: add it to OPTIONS or LEFT_OUT.")
    fragment, description = OPTIONS[key]
    found = {"description": description, **fragment}
    if not required(name, key, parameter):
        default = {} if key == "mlp_kwargs" else parameter.default
        if default is None:
            found["type"] = [found["type"], "null"]
        found["default"] = default
    return found


def required(name: str, key: str, parameter: inspect.Parameter) -> bool:
    """Whether a document must give an option; the number of stages and codes cannot be guessed."""
    return parameter.default is inspect.Parameter.empty or key in {"num_quantizers", "codebook_size"}


def schema(name: str) -> dict[str, Any]:
    """Schema of one class."""
    description, _, loss = QUANTIZERS[name]
    given = parameters(name)
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}/{FOLDER}/{file_name(name)}.json",
        "title": f"Library{name}Options",
        "description": f"`{name}` of vector-quantize-pytorch. {description}",
        "type": "object",
        "additionalProperties": False,
        "required": ["quantizer", *(key for key, value in given.items() if required(name, key, value))],
        "properties": {
            "quantizer": {"description": "Class of vector-quantize-pytorch.", "const": name},
            **{key: option(name, key, value) for key, value in given.items()},
        },
        "x-losses": ["quantizer"] if loss else [],
    }


def union(names: list[str]) -> dict[str, Any]:
    """Schema of any class."""
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}/library_quantizer.json",
        "title": "LibraryQuantizerConfig",
        "description": "Quantizer of vector-quantize-pytorch with its options, by `quantizer`.",
        "oneOf": [{"$ref": f"{FOLDER}/{file_name(name)}.json"} for name in names],
        "discriminator": {"propertyName": "quantizer"},
    }


def file_name(name: str) -> str:
    """`ResidualSimVQ` → `residual_sim_vq`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    names = classes()
    found = {Path(FOLDER, f"{file_name(name)}.json"): schema(name) for name in names}
    found[Path("library_quantizer.json")] = union(names)
    return {SCHEMAS / path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in found.items()}


def drift(wanted: dict[Path, str]) -> list[str]:
    """Files that are missing, extra or different."""
    there = {*(SCHEMAS / FOLDER).glob("*.json"), SCHEMAS / "library_quantizer.json"}
    extra = [f"no class gives: {path.relative_to(SCHEMAS)}" for path in sorted(there - wanted.keys())]
    stale = [p for p, text in wanted.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    return extra + [f"out of date: {path.relative_to(SCHEMAS)}" for path in sorted(stale)]


def main() -> int:
    """Write, or with --check compare; exit status 1 on drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    wanted = files()
    found = drift(wanted)
    if check:
        print("\n".join([*found, "Run `nox -s library_quantizers` and commit the result."]) if found else "No drift.")
        return 1 if found else 0
    for old in set((SCHEMAS / FOLDER).glob("*.json")) - wanted.keys():
        old.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(found)} files changed.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
