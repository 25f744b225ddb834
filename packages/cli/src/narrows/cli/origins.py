"""What will run, and where each value comes from: a shipped group, the user's file, the command line or a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from narrows.cli.compose import CONF, Composition
from narrows.configs.experiments import Place, check_experiment

DEFAULT = "default"
"""Origin of a value that only the schema names."""


def print_job(composition: Composition) -> None:
    """Print the experiment that would run with its defaults, and where each value comes from.

    Raises:
        ConfigError: it would not run; what was composed is printed all the same.
    """
    from narrows.configs.errors import config_error

    config, problems = check_experiment(composition.document)
    shown = composition.document.data if config is None else config.model_dump(mode="json")
    origins = {pointer: _said(composition.origin(pointer)) for pointer, _ in _leaves(shown)}
    print(annotated(shown, origins), end="")
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)


def _said(place: Place | None) -> str:
    if place is None:
        return DEFAULT
    source = Path(place.source)
    shown = f"shipped {source.relative_to(CONF)}" if source.is_relative_to(CONF) else place.source
    return shown if place.line is None else f"{shown}:{place.line}"


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
        lines[row] = f"{lines[row]:<{width}}  # {' '.join(comment.split())}"
    return "\n".join(lines) + "\n"
