"""What the generator writes otherwise than the schemas mean, put right in its text.

- `{}` as the default of a nested object is right when it runs but wrongly typed and unhelpful in an editor: a default
  factory says the same.
- A constant becomes a default even where `required` asks for the key, so that a document without its tag would pass.
- A null that is replaced before a section is typed (`"x-role": "null-is-replaced"`) never reaches the class.
- `model_rebuild()` compiles a class when its module is imported; the base class does it when a document needs it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

NESTED_DEFAULT = re.compile(
    r'Annotated\[\s*("?)([\w.]+)"?,\s*Field\(validate_default=True\),?\s*\] = (?:\{\}|\(\s*\{\}\s*\))'
)
REPLACED_NULL = re.compile(
    r"Annotated\[\s*([\w.]+) \| None,\s*(Field\(json_schema_extra=\{'x-role': 'null-is-replaced'\})\),?\s*\] = None"
)
REBUILD = re.compile(r"^\w+\.model_rebuild\(\)\n", re.MULTILINE)

Required = Mapping[str, frozenset[str]]
"""Title of an object's schema: the keys it requires."""


def corrected(text: str, required: Required) -> str:
    """The text of a generated module as the schemas mean it."""
    text = NESTED_DEFAULT.sub(r"Annotated[\1\2\1, Field(default_factory=lambda: \2())]", text)
    text = REPLACED_NULL.sub(r"Annotated[\1, \2, default_factory=lambda: \1())]", text)
    return _without_defaults(REBUILD.sub("", text), required).rstrip() + "\n"


def required_keys(schema: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """The title and the required keys of every titled object inside a schema."""
    if isinstance(schema, dict):
        if "title" in schema and "required" in schema:
            yield schema["title"], frozenset(schema["required"])
        for value in schema.values():
            yield from required_keys(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from required_keys(item)


def _without_defaults(text: str, required: Required) -> str:
    """The text without the defaults of fields that their schema requires."""
    lines = text.splitlines(keepends=True)
    fields = [
        field
        for owner in ast.parse(text).body
        if isinstance(owner, ast.ClassDef)
        for field in owner.body
        if isinstance(field, ast.AnnAssign) and field.value and _key(field) in required.get(owner.name, ())
    ]
    for field in reversed(fields):  # from the end, so that the lines above keep their numbers
        first, last = (field.annotation.end_lineno or 0) - 1, field.end_lineno or 0
        lines[first:last] = [lines[first][: field.annotation.end_col_offset] + "\n"]
    return "".join(lines)


def _key(field: ast.AnnAssign) -> str:
    """The key of a field in documents: its alias where it has one."""
    for call in ast.walk(field.annotation):
        if isinstance(call, ast.Call):
            for keyword in call.keywords:
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ast.unparse(field.target)
