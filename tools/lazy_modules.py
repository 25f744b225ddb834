"""Make generated modules cheap to import: a union's classes load when a document first uses them.

datamodel-code-generator imports every member of every union, and every module from its package. Here those imports
move below `if TYPE_CHECKING:`, a union becomes a table from tag to class (`narrows.configs._lazy.Tagged`), and packages
find their names on demand. Type checkers and editors see what was generated, unchanged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

Unions = Mapping[str, tuple[str, Mapping[str, str]]]
"""Title of a union: its tag field, and the place of each member's class by tag, e.g. `bottlenecks.fsq:FSQConfig`."""


def make_lazy(package: Path, unions: Unions) -> None:
    """Rewrite every module below a generated package."""
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        lazy = _rewrite(text, unions, is_package=path.name == "__init__.py")
        if lazy != text:
            path.write_text(lazy, encoding="utf-8")


def _rewrite(text: str, unions: Unions, is_package: bool) -> str:
    tree = ast.parse(text)
    aliases = {_target(node): node for node in tree.body if _target(node) in unions}
    outside = {
        name.id
        for node in tree.body
        if node not in aliases.values()
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and name.id != "__all__"
    }
    exported = {} if not is_package else _exports(tree)
    unneeded = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and node.level
        and all((a.asname or a.name) not in outside for a in node.names)
        and (aliases or exported)
    ]
    if not unneeded and not aliases:
        return text
    lines = text.splitlines()
    parts: list[str] = []
    cursor = 0
    edits = sorted([*unneeded, *aliases.values()], key=lambda node: node.lineno)
    for node in edits:
        parts += lines[cursor : node.lineno - 1]
        block = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        parts += [_below_type_checking(block)]
        if node in aliases.values():
            parts += [_table(_target(node), *unions[_target(node)])]
        cursor = node.end_lineno or node.lineno
    parts += lines[cursor:]
    if exported:
        parts += ["", _getattr(exported)]
    return _with_imports("\n".join(parts) + "\n", tagged=bool(aliases))


def _target(node: ast.AST) -> str:
    """The name that a statement assigns, or an empty text."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _exports(tree: ast.Module) -> dict[str, str]:
    """Where the names come from that a package only passes on."""
    return {
        (alias.asname or alias.name): node.module or ""
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }


def _below_type_checking(block: str) -> str:
    return f"if TYPE_CHECKING:\n{indent(block, '    ')}"


def _table(name: str, tag: str, members: Mapping[str, str]) -> str:
    rows = "".join(f"            {key!r}: {place!r},\n" for key, place in members.items())
    return (
        f"else:\n    {name} = TypeAliasType(\n        {name!r},\n"
        f"        Annotated[Any, Tagged({tag!r}, {{\n{rows}        }})],\n    )"
    )


def _getattr(exported: Mapping[str, str]) -> str:
    rows = "".join(f"    {name!r}: {module!r},\n" for name, module in exported.items())
    return (
        f"_PLACES = {{\n{rows}}}\n\n\n"
        "def __getattr__(name: str) -> Any:\n"
        '    """Import a class when it is first named."""\n'
        "    return lazy_attribute(__name__, _PLACES, name)\n"
    )


def _with_imports(text: str, tagged: bool) -> str:
    """Add the imports that the rewritten module needs."""
    helpers = [*(["Tagged"] if tagged else []), *(["lazy_attribute"] if "lazy_attribute(" in text else [])]
    head, mark, rest = text.partition("\n\n")  # below the comment that says where the file comes from
    typed = re.search(r"^from typing import (.*)$", rest, re.MULTILINE)
    known = typed.group(1).split(", ") if typed else []
    wanted = sorted({*known, "TYPE_CHECKING", "Any"}, key=lambda name: (name != "TYPE_CHECKING", name))
    line = f"from typing import {', '.join(wanted)}"
    rest = rest.replace(typed.group(0), line, 1) if typed else f"{line}\n\n{rest}"
    added = f"from narrows.configs._lazy import {', '.join(helpers)}\n" if helpers else ""
    return head + mark + added + rest
