"""The JSON Schemas themselves, for editors, other languages and other validators."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
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
