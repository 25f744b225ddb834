"""Write docs/reference/: a page for every group of schemas, with tables and examples that are themselves validated.

Examples are the committed documents of tests/configs/corpus. `--check` fails when a page differs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas-json"
CORPUS = ROOT / "tests/configs/corpus"
PAGES = ROOT / "docs/reference"
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "matches `{}`",
}


def groups() -> dict[str, list[Path]]:
    """The schema files by page: a folder, or `documents` for those at the top."""
    found: dict[str, list[Path]] = {}
    for path in sorted(SCHEMAS.rglob("*.json")):
        name = path.parent.name if path.parent != SCHEMAS else "unions"
        found.setdefault(name, []).append(path)
    return found


def page(name: str, paths: list[Path]) -> str:
    """One page."""
    lines = [f"# {name.replace('_', ' ').capitalize()}", "", "Made from the schemas by `tools/reference_docs.py`.", ""]
    for path in paths:
        lines += _section(path)
    return "\n".join(lines).rstrip() + "\n"


def _section(path: Path) -> Iterator[str]:
    schema = json.loads(path.read_text(encoding="utf-8"))
    tag = schema.get("properties", {}).get("type", {})
    names = tag.get("enum") or ([tag["const"]] if "const" in tag else [])
    yield f"## {' / '.join(f'`{n}`' for n in names) or schema['title']}"
    yield ""
    yield f"{schema['description']}"
    yield ""
    yield f"Class `{schema['title']}`, schema `{path.relative_to(SCHEMAS).as_posix()}`, `$id` <{schema['$id']}>."
    yield ""
    for branch in schema.get("oneOf", ()):
        yield f"- {_reference(branch['$ref'])}" if "$ref" in branch else f"- {branch['type']}"
    yield ""
    yield from _table(schema, "")
    for part in schema.get("$defs", {}).values():
        yield f"### {part['title']}"
        yield ""
        yield part["description"]
        yield ""
        yield from _table(part, "")
    example = _example(path, names)
    if example is not None:
        yield f"```json\n{json.dumps(json.loads(example.read_text(encoding='utf-8')), indent=2)}\n```"
        yield ""


def _table(schema: dict[str, Any], indent: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    if not properties:
        return
    yield "| Key | Type | Default | Limits | Meaning |"
    yield "|---|---|---|---|---|"
    for key, value in properties.items():
        default = f"`{json.dumps(value['default'])}`" if "default" in value else "required"
        cells = (f"`{key}`", _type(value), default, _limits(value), value["description"])
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return _reference(value["$ref"])
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(word)}`" for word in value["enum"])
    if "oneOf" in value:
        return " or ".join(_type(branch) for branch in value["oneOf"])
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    inner = f" of {_type(value['items'])}" if "items" in value else ""
    return " or ".join(kinds).replace("array", f"list{inner}")


def _reference(target: str) -> str:
    return f"`{target.rpartition('/')[2].removesuffix('.json')}`"


def _limits(value: dict[str, Any]) -> str:
    found = [words.format(value[key]) for key, words in LIMITS.items() if key in value]
    unit = f"in {value['x-unit']}" if "x-unit" in value else ""
    return ", ".join([*found, *([unit] if unit else []), *(["not 0"] if value.get("x-nonzero") else [])])


def _example(path: Path, names: list[str]) -> Path | None:
    family = path.parent.name
    places = [CORPUS / family.removesuffix("s") / f"{name}.json" for name in names]
    places += [CORPUS / family / f"{name}.json" for name in names]
    places += [CORPUS / f"{path.stem}.json"] if family in {"models", "datasets", "experiments"} else []
    return next((place for place in places if place.is_file()), None)


def main() -> int:
    """Write, or with --check compare; exit status 1 on drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    texts = {PAGES / f"{name}.md": page(name, paths) for name, paths in groups().items()}
    index = "".join(f"- [{path.stem.replace('_', ' ')}]({path.name})\n" for path in sorted(texts))
    texts[PAGES / "index.md"] = f"# Reference\n\nEvery key of every document, made from the schemas.\n\n{index}"
    old = set(PAGES.glob("*.md")) - set(texts)
    drift = [p.name for p, text in texts.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    drift += [path.name for path in old]
    if check:
        print(f"out of date: {', '.join(sorted(drift))}; run tools/reference_docs.py" if drift else "No drift.")
        return 1 if drift else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for path in old:
        path.unlink()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(texts)} pages, {len(drift)} changed.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
