"""The JSON Schemas themselves, for editors, other languages and other validators."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from posixpath import dirname, join, normpath
from typing import Any

from narrows.configs._problems import nearest


@cache
def _bundle() -> dict[str, Any]:
    text = files("narrows.configs").joinpath("_generated/bundle.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def bundle() -> dict[str, Any]:
    """All schemas as one document; its root accepts any model, data set or experiment."""
    return dict(_bundle())


def editor_schema() -> dict[str, Any]:
    """All schemas as one document for editors.

    It says what `bundle` says in the part of the language that language servers understand: every reference is a
    pointer within the document, and a union is told apart by its tag with `if` and `then`, so that all tags are offered
    and mistakes are told of the member that is meant.
    """
    found = _bundle()
    definitions = {name: _for_editors(schema, name) for name, schema in found["$defs"].items()}
    head = {key: found[key] for key in ("$schema", "$id", "title", "description")}
    return {**head, "oneOf": _for_editors(found["oneOf"], ""), "$defs": definitions}


def _for_editors(value: Any, file: str) -> Any:
    """A part of a file's schema, without its `$id`, which would change what pointers mean."""
    if isinstance(value, list):
        return [_for_editors(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    if "discriminator" in value and "oneOf" in value:
        return _by_tag(value, file)
    written = {key: _for_editors(item, file) for key, item in value.items() if not _is_address(key, item)}
    return {**written, "$ref": _pointer(value["$ref"], file)} if isinstance(value.get("$ref"), str) else written


def _is_address(key: str, value: Any) -> bool:
    return key in ("$id", "$schema") and isinstance(value, str)


def _by_tag(union: dict[str, Any], file: str) -> dict[str, Any]:
    tag, choices = union["discriminator"]["propertyName"], []
    for branch in union["oneOf"]:
        pointer = _pointer(branch["$ref"], file)
        selects = _bundle()["$defs"][_name(pointer)]["properties"][tag]
        choices += [(value, pointer) for value in selects.get("enum", [selects.get("const")])]
    return {
        **{key: union[key] for key in ("title", "description") if key in union},
        "type": "object",
        "required": [tag],
        "properties": {tag: {"enum": [value for value, _ in choices]}},
        "allOf": [{"if": {"properties": {tag: {"const": value}}}, "then": {"$ref": p}} for value, p in choices],
    }


def _pointer(reference: str, file: str) -> str:
    """A reference between files as a pointer within the document."""
    path, _, inside = reference.partition("#")
    name = normpath(join(dirname(file), path)) if path else file
    return f"#/$defs/{name.replace('~', '~0').replace('/', '~1')}{inside}"


def _name(pointer: str) -> str:
    return pointer.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")


def schema_names() -> list[str]:
    """Names of the schemas, e.g. `bottlenecks/fsq`."""
    return [name.removesuffix(".json") for name in _bundle()["$defs"]]


def schema(name: str) -> dict[str, Any]:
    """One schema, as it stands in `schemas-json/`.

    Raises:
        KeyError: there is none of that name; the message names the nearest.
    """
    name = name.removesuffix(".json")
    names = schema_names()
    if name not in names:
        close = nearest(name, names)
        raise KeyError(f"No schema {name!r}." + (f" Did you mean {close!r}?" if close else " See `--list`."))
    return dict(_bundle()["$defs"][f"{name}.json"])
