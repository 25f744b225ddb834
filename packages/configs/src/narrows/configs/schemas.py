"""The JSON Schemas themselves, for editors, other languages and other validators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from posixpath import dirname, join, normpath
from typing import Any

from narrows.configs._problems import nearest
from narrows.configs.errors import NarrowsError


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
    """One schema, as it is in `schemas-json/`.

    Args:
        name: for example `bottlenecks/fsq`; the last part is enough where no other schema has it.

    Raises:
        UnknownSchemaError: there is none of that name, or several; the message names them, or the nearest.
    """
    return dict(_bundle()["$defs"][f"{_full_name(name)}.json"])


def whole_schema(name: str) -> dict[str, Any]:
    """One schema with every schema it refers to below `$defs`, each under its `$id`: it needs no other file.

    Args:
        name: as for `schema`.

    Raises:
        UnknownSchemaError: as for `schema`.
    """
    start = f"{_full_name(name)}.json"
    found, waiting = dict[str, Any](), [start]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found[file] = _bundle()["$defs"][file]
            waiting += [_name(_pointer(reference, file)).partition("#")[0] for reference in _references(found[file])]
    own = dict(found.pop(start))
    others = {file: found[file] for file in sorted(found)}
    return {**own, "$defs": {**own.get("$defs", {}), **others}} if others else own


def _references(value: Any) -> Iterator[str]:
    """References of a schema to other files."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference.partition("#")[0]
        for item in value.values():
            yield from _references(item)


class UnknownSchemaError(NarrowsError, KeyError):
    """No schema has the name."""

    def __str__(self) -> str:
        """The message, without the quotes of a KeyError."""
        return str(self.args[0])


def _full_name(name: str) -> str:
    name, names = name.removesuffix(".json"), schema_names()
    if name in names:
        return name
    ends = [full for full in names if full.rpartition("/")[2] == name]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UnknownSchemaError(f"Several schemas are called {name!r}: write {' or '.join(ends)}.")
    close = nearest(name, names)
    raise UnknownSchemaError(f"No schema {name!r}." + (f" Did you mean {close!r}?" if close else " See `--list`."))
