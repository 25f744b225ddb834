"""The OpenAPI document, made of the endpoints and the schemas of `schemas-json/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from posixpath import dirname, join, normpath
from typing import Any

from narrows.configs.schemas import schema, schema_names
from narrows.studio.api.endpoint import Endpoint

SHARED = ("generation", "generation_defaults")
"""Schemas beside those of the studio that its own refer to."""


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document, version 3.1.

    Args:
        endpoints: of the API.
    """
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Narrows studio",
            "version": version("narrows-studio"),
            "description": "Send the token as `Authorization: Bearer TOKEN`.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": components(),
        },
    }


def components() -> dict[str, Any]:
    """Every schema by its title, with references between them."""
    names = [name for name in schema_names() if name.startswith("studio/")] + [*SHARED]
    titles = {name: schema(name)["title"] for name in names}
    found: dict[str, Any] = {}
    for name in names:
        own = schema(name)
        inner = own.pop("$defs", {})
        for title, part in {titles[name]: own, **inner}.items():
            found[title] = _rewritten(part, name, titles)
    return found


def _rewritten(value: Any, name: str, titles: dict[str, str]) -> Any:
    """A part of a schema with references into the document."""
    if isinstance(value, list):
        return [_rewritten(item, name, titles) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key not in ("$id", "$schema") or not isinstance(item, str)}
    made = {key: _rewritten(item, name, titles) for key, item in kept.items()}
    reference = made.get("$ref")
    if isinstance(reference, str):
        file, _, pointer = reference.partition("#")
        full = normpath(join(dirname(name), file)).removesuffix(".json") if file else name
        title = pointer.rpartition("/")[2] if pointer else titles[full]
        made["$ref"] = f"#/components/schemas/{title}"
    return made


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    words = re.findall(r"[a-z]+", endpoint.path.removeprefix("/api/").replace("{", "").replace("}", ""))
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": "_".join([endpoint.method.lower(), *words]),
        "parameters": _parameters(endpoint),
        "responses": {
            str(endpoint.status): {"description": "Done", **_content(endpoint)},
            "4XX": {"description": "Not as asked", "content": _json({"$ref": "#/components/schemas/StudioFailure"})},
        },
    }
    if endpoint.upload:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    elif endpoint.takes is not None:
        body = {"$ref": f"#/components/schemas/{endpoint.takes.__name__}"}
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", endpoint.path)
    text = {"type": "string"}
    inner: list[dict[str, Any]] = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    return inner + [
        {"name": name, "in": "query", "description": meaning, "schema": text}
        for name, meaning in endpoint.query.items()
    ]


def _content(endpoint: Endpoint) -> dict[str, Any]:
    if not endpoint.gives:
        return {}
    if "/" in endpoint.gives:
        return {"content": {endpoint.gives: {}}}
    named = {"type": "string"} if endpoint.gives == "string" else {"$ref": f"#/components/schemas/{endpoint.gives}"}
    return {"content": _json({"type": "array", "items": named} if endpoint.many else named)}


def _json(body: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": body}}
