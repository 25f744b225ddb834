"""Putting a tree of Hydra files together: defaults lists, groups, packages and interpolations.

Only what lies in the files counts. No resolver is run, no class is imported and no environment is read, so that a
configuration from anywhere can be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from narrows.configs._documents import read_file
from narrows.configs.errors import Problem, config_error

PACKAGE = re.compile(r"^#\s*@package\s+(\S+)", re.MULTILINE)
INTERPOLATION = re.compile(r"\$\{([^${}]+)\}")
MAX_DEPTH = 20
"""Files that name files, and interpolations that lead to interpolations, at most."""

Tree = dict[str, Any]


def read_tree(path: Path, keep: re.Pattern[str] = re.compile(r"(?!)")) -> Tree:
    """The sections of a configuration, by group.

    Args:
        path: a primary file, whose `defaults` name groups in the folders beside it; a file of one of those groups,
            which then takes the place of the one that the primary file names; or a file that is complete in itself.
        keep: interpolations that stay as they are, by what stands between their braces.

    Raises:
        ConfigError: a file is missing or broken, or an interpolation cannot be resolved.
    """
    group, primary = path.parent.name, path.parent.parent / "config.yaml"
    if path.name != primary.name and primary.is_file() and group in dict(_choices(_content(primary))):
        tree = _compose(primary, {group: path.stem})
    else:
        tree = _compose(path, {})
    tree.pop("hydra", None)
    resolved: Tree = _resolve(tree, tree, (), keep)
    return resolved


def _content(path: Path) -> Tree:
    data = read_file(path).data
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _problem("", f"{path} holds no sections.", str(path))
    return dict(data)


def _choices(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Groups of a `defaults` list with the names chosen; `_self_` and files of the same folder have no group."""
    for entry in content.get("defaults") or []:
        if not isinstance(entry, Mapping):
            yield "", entry
            continue
        for group, name in entry.items():
            words = str(group).split()
            yield words[-1].lstrip("/").partition("@")[0], name


def _compose(path: Path, override: Mapping[str, str], depth: int = 0) -> Tree:
    """A file over, or under, the files that its `defaults` list names."""
    if depth > MAX_DEPTH:
        raise _problem("/defaults", f"Files name each other without end: {path}.", str(path))
    content = _content(path)
    chosen = list(_choices(content))
    content.pop("defaults", None)
    found: Tree = {}
    if ("", "_self_") not in chosen:
        chosen.append(("", "_self_"))
    for group, name in chosen:
        if not group and name == "_self_":
            _merge(found, content)
        elif not group.startswith("hydra"):
            names = override.get(group, name)
            for each in names if isinstance(names, list) else [names]:
                if each is not None:
                    _merge(found, _placed(path.parent / group / str(each), group, depth))
    return found


def _placed(stem: Path, group: str, depth: int) -> Tree:
    """A file of a group, at its place: the group's key, unless its `@package` line names another."""
    path = stem.with_name(f"{stem.name.removesuffix('.yaml')}.yaml")
    content = _compose(path, {}, depth + 1)
    named = PACKAGE.search(path.read_text(encoding="utf-8"))
    package = named[1] if named else group.replace("/", ".")
    if package in {"_global_", ""}:
        return content
    keys = (group.replace("/", ".") if package == "_group_" else package).split(".")
    # The files of EulerAudioBackbone say the name of their group once more.
    tree: Tree = content[keys[-1]] if list(content) == [keys[-1]] else content
    for key in reversed(keys):
        tree = {key: tree}
    return tree


def _merge(into: Tree, other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, Mapping):
            value = dict(value)
            if isinstance(into.get(key), dict):
                _merge(into[key], value)
                continue
        into[key] = value


def _resolve(value: Any, tree: Tree, place: tuple[str, ...], keep: re.Pattern[str], depth: int = 0) -> Any:
    """A value with its interpolations replaced by what they point to."""
    if isinstance(value, dict):
        return {key: _resolve(item, tree, (*place, str(key)), keep, depth) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, tree, (*place, str(index)), keep, depth) for index, item in enumerate(value)]
    if not isinstance(value, str) or not INTERPOLATION.search(value):
        return value
    whole = INTERPOLATION.fullmatch(value)
    if whole and keep.search(whole[1]):
        return value
    if depth > MAX_DEPTH:
        raise _problem(f"/{'/'.join(place)}", "Interpolations lead to each other without end.", value)
    if whole:
        return _resolve(_lookup(whole[1], tree, place, value), tree, place, keep, depth + 1)
    text = INTERPOLATION.sub(lambda found: str(_lookup(found[1], tree, place, value)), value)
    return _resolve(text, tree, place, keep, depth + 1)


def _lookup(path: str, tree: Tree, place: tuple[str, ...], value: str) -> Any:
    """What an interpolation points to: absolute, or relative with leading dots as Hydra counts them."""
    path = path.strip()
    dots = len(path) - len(path.lstrip("."))
    start = place[: len(place) - dots] if dots else ()
    keys = [*start, *(key for key in re.split(r"[.\[\]]+", path[dots:]) if key)]
    if len(keys) > 1 and keys[0] == keys[1] and keys[1] not in tree.get(keys[0], {}):
        keys = keys[1:]
    node: Any = tree
    for key in keys:
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            hint = "Only values of these files are looked up, and no resolver is run: write the value."
            raise _problem(f"/{'/'.join(place)}", f"Cannot resolve ${{{path}}}.", value, hint)
    return node


def _problem(pointer: str, message: str, value: Any, hint: str = "") -> Exception:
    return config_error([Problem(pointer, message, value, hint, kind="syntax")])
