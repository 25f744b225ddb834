"""Check `schemas-json/`: meta-schema, references, descriptions, defaults against their own schema, closed objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas-json"


def problems(name: str, schema: dict[str, Any], registry: Registry[Any]) -> Iterator[str]:
    """What is wrong with one schema file."""
    Draft202012Validator.check_schema(schema)
    if not schema["$id"].endswith(f"/{name}"):
        yield f"{name}: $id does not end with the file's name"
    for where, part in _objects(schema, name):
        if part.get("additionalProperties") is not False:
            yield f"{where}: an object must have additionalProperties: false"
        for key, value in part.get("properties", {}).items():
            if "description" not in value:
                yield f"{where}/{key}: no description"
            if "default" not in value and "const" not in value and key not in part.get("required", []):
                yield f"{where}/{key}: neither a default nor required"
            if "default" in value:
                validator = Draft202012Validator(
                    {**value, "$id": schema["$id"], "$defs": schema.get("$defs", {})}, registry=registry
                )
                if not validator.is_valid(value["default"]):
                    yield f"{where}/{key}: the default {value['default']!r} does not satisfy the schema"


def _objects(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object schema inside a schema, with its place."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield where, schema
        for key, value in schema.items():
            if key not in {"default", "examples", "enum", "const"}:
                yield from _objects(value, f"{where}/{key}")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _objects(item, f"{where}/{index}")


def main() -> int:
    """Print every problem; exit status 1 when there is one."""
    names = sorted(p.relative_to(SCHEMAS).as_posix() for p in SCHEMAS.rglob("*.json"))
    schemas = {name: json.loads((SCHEMAS / name).read_text(encoding="utf-8")) for name in names}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    found = [problem for name, schema in schemas.items() for problem in problems(name, schema, registry)]
    print("\n".join(found) if found else f"{len(names)} schemas are fine.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
