"""What will run, and where each value comes from: a shipped group, the user's file, the command line or a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from narrows.cli.compose import CONF, composing

DEFAULT = "default"
"""Origin of a value that only the schema names."""


def print_job(
    config: Path | None, overrides: Sequence[str], composed: Mapping[str, Any], document: Mapping[str, Any]
) -> None:
    """Print the experiment that would run with its defaults, and where each value comes from.

    Args:
        config: the user's file; None for the shipped experiment.
        overrides: as typed.
        composed: what they compose to.
        document: the same with the files it names read in.

    Raises:
        ConfigError: it would not run; what was composed is printed all the same.
    """
    from narrows.configs import ConfigError, load_config

    found = origins(config, overrides, composed)
    try:
        whole = load_config(document, "experiment").model_dump(mode="json")
    except ConfigError:
        print(annotated(document, found), end="")
        raise
    print(annotated(whole, found), end="")


def origins(config: Path | None, overrides: Sequence[str], document: Mapping[str, Any]) -> dict[str, str]:
    """Where the values of a composed experiment come from, by JSON pointer.

    Args:
        config: the user's file; None for the shipped experiment.
        overrides: as typed.
        document: what they compose to, before the files it names are read in.
    """
    found: dict[str, str] = {}
    with composing(config, overrides) as (name, words):
        merged, keys = _steps(name, words)
    folder = (config or CONF / "train.yaml").resolve().parent
    for path, package in merged:
        file = next(root / f"{path}.yaml" for root in (folder, CONF) if (root / f"{path}.yaml").is_file())
        shown = f"shipped {file.relative_to(CONF)}" if file.is_relative_to(CONF) else _as_typed(file, config)
        _add(found, f"/{package.replace('.', '/')}" if package else "", _lines(file, shown))
    typed = dict(zip(words[1:], overrides, strict=True))
    for line, key in keys:
        pointer = f"/{key.replace('.', '/')}"
        value = _value(document, key.split("."))
        _add(found, pointer, ((rest, f"command line: {typed[line]}") for rest, _ in _leaves(value)))
    for key, value in document.items():
        if key.endswith("_config") and isinstance(value, str):
            _add(found, f"/{key}", _lines(Path(value), value))
    return found


def _as_typed(file: Path, config: Path | None) -> str:
    """A file of the user as they would name it: beside the one on the command line."""
    assert config is not None
    return str(config.parent / file.relative_to(config.resolve().parent))


def _steps(name: str, words: list[str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The files that Hydra merges, each with its package, and the overrides, each with its key; in order."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode

    loader = GlobalHydra.instance().config_loader()
    steps = loader.compute_defaults_list(config_name=name, overrides=words, run_mode=RunMode.RUN)
    files = [(str(step.config_path), step.package or "") for step in steps.defaults]
    keys = [(str(override.input_line), str(override.key_or_group)) for override in steps.config_overrides]
    return [file for file in files if not file[1].startswith("hydra")], [key for key in keys if key[0] != words[0]]


def _add(found: dict[str, str], prefix: str, origins: Iterator[tuple[str, str]]) -> None:
    """Note origins of values, in place of those that they overwrite."""
    for pointer, origin in list(origins):
        place = prefix + pointer
        for old in [known for known in found if known.startswith(f"{place}/")]:
            del found[old]
        found[place] = origin


def _lines(file: Path, shown: str) -> Iterator[tuple[str, str]]:
    """Each value of a file with `file:line`."""
    from narrows.configs import read_document

    document = read_document(file)
    values = {key: value for key, value in (document.data or {}).items() if key != "defaults"}
    for pointer, _ in _leaves(values):
        yield pointer, f"{shown}:{document.locate(pointer)[0]}"


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers, texts and lists of them, each with its pointer."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{pointer}/{key}")
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


def _value(document: Any, keys: list[str]) -> Any:
    """What stands below keys; None where an override took it out."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def annotated(document: Mapping[str, Any], found: Mapping[str, str]) -> str:
    """A document as YAML with the origin of each value behind it.

    Args:
        document: the whole experiment, defaults included.
        found: origins by pointer; a value without one is a default.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        """Lists of plain values on one line."""

    def short(dumper: Any, items: list[Any]) -> Any:
        plain = not any(isinstance(item, dict | list) for item in items)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)

    Dumper.add_representer(list, short)
    text = yaml.dump(dict(document), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    return _with_comments(text, {pointer: found.get(pointer, DEFAULT) for pointer, _ in _leaves(dict(document))})


def _with_comments(text: str, comments: Mapping[str, str]) -> str:
    from narrows.configs import read_document

    written = read_document(text)
    lines = text.splitlines()
    width = min(72, max(len(line) for line in lines))
    for pointer, comment in comments.items():
        row = (written.locate(pointer)[0] or 1) - 1
        lines[row] = f"{lines[row]:<{width}}  # {comment}"
    return "\n".join(lines) + "\n"
