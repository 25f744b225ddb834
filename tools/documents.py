"""Random documents from the schemas: valid ones, and mutations that are mostly not.

Written for schemas-json/: it knows the keywords that stand there, and a discriminated union picks one member.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas-json"
ROOTS = ("model", "dataset", "experiment")
DEPTH = 9
"""How deep optional parts go: a model contains a teacher, which is a model."""

Schema = dict[str, Any]


@cache
def schema_file(path: Path) -> Schema:
    """A schema file, read once."""
    loaded: Schema = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def valid(rng: random.Random, root: str) -> Any:
    """A random valid document.

    Args:
        rng: source of randomness.
        root: name of the schema, e.g. `model`.
    """
    path = SCHEMAS / f"{root}.json"
    return _value(rng, schema_file(path), path, 0)


def mutated(rng: random.Random, document: Any) -> Any:
    """A copy of a document with one to three changes: values, types, keys taken out, added, mistyped or repeated."""
    copied = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        places = _places(copied)
        if not places:
            break
        holder, key = rng.choice(places)
        rng.choice(_MUTATIONS)(rng, holder, key)
    return copied


def _value(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    if "$ref" in schema:
        target, place = _resolve(schema["$ref"], path)
        return _value(rng, target, place, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "oneOf" in schema:
        branches = [b for b in schema["oneOf"] if depth < DEPTH or b.get("type") == "null"] or schema["oneOf"]
        return _value(rng, rng.choice(branches), path, depth + 1)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return _MAKERS[rng.choice(kinds)](rng, schema, path, depth)


def _resolve(reference: str, path: Path) -> tuple[Schema, Path]:
    file, _, fragment = reference.partition("#")
    place = (path.parent / file).resolve() if file else path
    target = schema_file(place)
    for part in fragment.split("/")[1:]:
        target = target[part]
    return target, place


def _object(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    if not schema.get("properties"):
        extra = schema.get("additionalProperties")
        values = extra if isinstance(extra, dict) else {"type": "string", "minLength": 1}
        return {f"key{n}": _value(rng, values, path, depth) for n in range(rng.randint(0, 2) if extra else 0)}
    share = 0.35 if depth < DEPTH else 0.05
    required = schema.get("required", ())
    return {
        key: _value(rng, property_, path, depth + 1)
        for key, property_ in schema["properties"].items()
        if key in required or rng.random() < share
    }


def _array(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    low = schema.get("minItems", 0)
    high = min(schema.get("maxItems", low + 3), low + 3)
    return [_value(rng, schema["items"], path, depth + 1) for _ in range(rng.randint(low, high))]


def _integer(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -100) + ("exclusiveMinimum" in schema))
    high = schema.get("maximum", max(low, 0) + rng.choice([1, 16, 4096]))
    number = rng.randint(int(low), int(high))
    return float(number) if rng.random() < 0.1 else number


def _number(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    low: Any = schema.get("minimum", schema.get("exclusiveMinimum", -10))
    high: Any = schema.get("maximum", schema.get("exclusiveMaximum", low + 10))
    number = low + (high - low) * rng.choice([0.25, 0.5, 0.75])
    return number + 0.125 * (high - low) if number == 0 and "not" in schema else number


def _string(rng: random.Random, schema: Schema, path: Path, depth: int) -> Any:
    starts = {"^s3://[^/]+": "s3://bucket/shards", "^https?://[^@]+$": "https://store.example"}
    return starts.get(schema.get("pattern", ""), rng.choice(["prompt", "seconds_total", "runs", "a1"]))


_MAKERS: dict[str, Callable[[random.Random, Schema, Path, int], Any]] = {
    "object": _object,
    "array": _array,
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": lambda rng, *_: rng.random() < 0.5,
    "null": lambda *_: None,
}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and every item of every list, as holder and key."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += [(value, key), *_places(item)]
    return found


JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 0.5, 65536.0, -0.0, 1e-4, 1e300, 10**30, "", "8", "true", "éé", [], {}, [1], [[]],
    {"type": "vae"}, {"type": 3}, {"type": None}, {"": {}}, [None], "a" * 300, {"config": {}},
)  # fmt: skip


def _replace(rng: random.Random, holder: Any, key: Any) -> None:
    holder[key] = copy.deepcopy(rng.choice(JUNK))


def _retype(rng: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    options: list[Any] = [[value], {"value": value}, str(value)]
    options += [float(value), value + 0.5, -value, not value] if isinstance(value, int | float) and value < 1e9 else []
    holder[key] = rng.choice(options)


def _remove(rng: random.Random, holder: Any, key: Any) -> None:
    holder.pop(key)


def _rename(rng: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        holder[rng.choice([f"{key}s", str(key)[:-1], str(key).upper(), f"{key}/~x"])] = holder.pop(key)


def _add(rng: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        holder[rng.choice(["type", "config", "extra", "scale", "null"])] = copy.deepcopy(rng.choice(JUNK))
    else:
        holder.append(copy.deepcopy(rng.choice([*JUNK, *holder])))


def _swap(rng: random.Random, holder: Any, key: Any) -> None:
    other = rng.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
    holder[key], holder[other] = holder[other], holder[key]


TAGS = ("type", "model_type", "dataset_type", "experiment", "class")


def _untag(rng: random.Random, holder: Any, key: Any) -> None:
    """Take out, or exchange, what selects the class of the object at a place, or of the one around it."""
    value = holder[key] if isinstance(holder[key], dict) else holder
    tags = [tag for tag in TAGS if isinstance(value, dict) and tag in value]
    if tags and rng.random() < 0.7:
        del value[tags[0]]
    elif tags:
        value[tags[0]] = rng.choice(["full", "conv", "convnext", "autoencoder", "diffusion_cond", "vae", "train"])


_MUTATIONS = (_replace, _replace, _retype, _remove, _rename, _add, _swap, _untag, _untag)
