"""Check the dependency direction: configs <- models <- losses; configs <- data; training on top; cli above all."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "configs": set[str](),
    "models": {"configs"},
    "losses": {"configs", "models"},
    "data": {"configs"},
    "training": {"configs", "models", "losses", "data"},
    "cli": {"configs", "models", "losses", "data", "training"},
}


def imports(path: Path) -> set[str]:
    """Packages of narrows that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[1] for name in names if name.startswith("narrows.")}


def main() -> int:
    """Print every import against the direction; exit status 1 when there is one."""
    found = []
    for package, allowed in ALLOWED.items():
        source = ROOT / "packages" / package / "src" / "narrows"
        for path in sorted(source.rglob("*.py")):
            upward = imports(path) - allowed - {package}
            found += [f"{path.relative_to(ROOT)} imports narrows.{name}" for name in sorted(upward)]
        if (source / "__init__.py").exists():
            found.append(f"{(source / '__init__.py').relative_to(ROOT)} must not exist: narrows is a namespace")
    print("\n".join(found) if found else "Imports follow the dependency direction.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
