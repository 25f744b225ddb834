"""Check the direction of imports between packages, and that no package imports in a circle.

A package may import those below it: configs <- audio <- models <- losses; audio <- data; pipelines on these;
training and studio on pipelines; cli above all. Inside a package no modules may import each other in a circle,
whether the import stands at the top, inside a function (late) or under `TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASE = {"configs", "audio", "models", "losses", "data"}
ALLOWED = {
    "configs": set[str](),
    "audio": {"configs"},
    "models": {"configs", "audio"},
    "losses": {"configs", "audio", "models"},
    "data": {"configs", "audio"},
    "pipelines": BASE,
    "training": BASE | {"pipelines"},
    "studio": BASE | {"pipelines"},
    "cli": BASE | {"pipelines", "training", "studio"},
}
Graph = dict[str, set[str]]


def modules(source: Path) -> dict[str, Path]:
    """Every module of a source folder by its dotted name."""
    return {_name(source, path): path for path in sorted((source / "narrows").rglob("*.py"))}


def _name(source: Path, path: Path) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports anywhere; of `from a import b` both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.startswith("narrows.")}


def graph(files: dict[str, Path]) -> Graph:
    """Which module imports which, among those given. `from a import b` where `a.b` is a module imports just that."""
    edges: Graph = {}
    for name, path in files.items():
        wanted = imported(path) & files.keys()
        inner = {other for other in wanted if any(more.startswith(f"{other}.") for more in wanted)}
        edges[name] = {other for other in wanted - inner if other != name}
        # A package's own __init__ is its table of contents: naming its modules is no dependency of theirs.
        edges[name] |= {other for other in inner if _uses_names(path, other, files)} - {name}
    return edges


def _uses_names(path: Path, package: str, files: dict[str, Path]) -> bool:
    """Whether a module imports something of a package's `__init__` itself, not only modules in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            return any(f"{package}.{alias.name}" not in files for alias in node.names)
        if isinstance(node, ast.Import) and any(alias.name == package for alias in node.names):
            return True
    return False


def circles(edges: Graph) -> Iterator[list[str]]:
    """Groups of modules that import each other (Tarjan 1972: strongly connected components of more than one)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for node in edges:
        if node not in index:
            visit(node)
    yield from found


def upward(package: str, files: dict[str, Path]) -> Iterator[str]:
    """Imports against the direction."""
    allowed = ALLOWED[package] | {package}
    for path in files.values():
        others = {name.split(".")[1] for name in imported(path)} - allowed
        yield from (f"{path.relative_to(ROOT)} imports narrows.{name}" for name in sorted(others))


def main() -> int:
    """Print every import against the direction and every circle; exit status 1 when there is one."""
    found: list[str] = []
    for package in ALLOWED:
        source = ROOT / "packages" / package / "src"
        files = modules(source) if source.is_dir() else {}
        found += upward(package, files)
        found += [f"circle: {' -> '.join(group)}" for group in circles(graph(files))]
        if (source / "narrows" / "__init__.py").exists():
            found.append(f"packages/{package}: narrows/__init__.py must not exist: narrows is a namespace")
    print("\n".join(found) if found else "Imports follow the dependency direction, without a circle.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
