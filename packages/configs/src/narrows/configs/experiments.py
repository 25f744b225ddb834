"""Experiments with the files they name: the only place where those files are read.

An option such as `model_config` is a section, or the path of the file that holds it. The path is relative to the
document that names it; in a document without a file (a dictionary, the command line) it is relative to the working
directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from narrows.configs._documents import Document, join
from narrows.configs._families import FAMILIES
from narrows.configs._load import Source, load_config, read_document, validate
from narrows.configs.errors import ConfigError, Problem, config_error

FILE_OPTIONS = {"model_config": "model", "dataset_config": "dataset", "val_dataset_config": "dataset"}
"""Options of experiments that may name a file, with the family of its document; a test compares it with the schemas."""


class Place(NamedTuple):
    """Where a value stands."""

    source: str
    line: int | None = None
    column: int | None = None


@dataclass
class JoinedDocument(Document):
    """A document made of several: each value is placed in the one it came from."""

    find: Callable[[str], Place] = field(default=lambda pointer: Place(""), repr=False)
    left_open: frozenset[str] = frozenset()
    """Pointers of the values that are left to the command line, written as `???`."""

    def locate(self, pointer: str) -> tuple[int | None, int | None]:
        """Line and column of a pointer in the document it came from."""
        return self.find(pointer)[1:]

    def place(self, problem: Problem) -> Problem:
        """The problem with file, line and column filled in."""
        source, line, column = self.find(problem.pointer)
        return problem._replace(source=source, line=line, column=column)


def read_experiment(source: Source) -> Document:
    """The document of an experiment with the files it names read in; any other document as it is.

    Raises:
        ConfigError: the document or a file that it names cannot be read.
    """
    document = read_document(source)
    parts: dict[str, Document] = {}
    if isinstance(document.data, dict) and FAMILIES["experiment"].tag in document.data:
        for key in FILE_OPTIONS:
            if isinstance(document.data.get(key), str):
                parts[join("", key)] = named_document(document, key)
    if not parts:
        return document
    data = {**document.data, **{pointer[1:]: part.data for pointer, part in parts.items()}}

    def find(pointer: str) -> Place:
        for prefix, part in parts.items():
            if pointer == prefix or pointer.startswith(f"{prefix}/"):
                return Place(part.source, *part.locate(pointer.removeprefix(prefix)))
        return Place(document.source, *document.locate(pointer))

    return JoinedDocument(data, document.source, find=find)


def named_document(document: Document, key: str) -> Document:
    """The document of the file that an option names.

    Raises:
        ConfigError: it cannot be read. A missing file is told where it is named.
    """
    folder = Path(document.source).parent if document.source else Path()
    path = folder / Path(document.data[key]).expanduser()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        hint = "The path is relative to the file that names it." if document.source else ""
        problem = Problem(join("", key), f"Cannot read {path}: {what}.", document.data[key], hint)
        raise config_error([document.place(problem)])
    found = read_document(path)
    if not isinstance(found.data, dict):
        raise config_error([found.place(Problem("", "A configuration is an object.", found.data))])
    return found


def load_experiment(source: Source) -> Any:
    """Read, validate and type an experiment, with the files it names read in.

    Args:
        source: a dictionary, JSON text, the path of a .json or .yaml file, or a typed experiment. It is never changed.

    Returns:
        A typed experiment, e.g. `TrainExperimentConfig`, in which no option names a file any more.

    Raises:
        ConfigError: with every error, each placed in the file it stands in.
    """
    if isinstance(source, BaseModel):
        return load_config(_complete(source), "experiment")
    config, problems = check_experiment(source)
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)
    return config


def check_experiment(
    source: Source | Document, kind: str | None = "experiment", *, lenient: bool = False
) -> tuple[Any, list[Problem]]:
    """The typed experiment of a document, or None when its schema refuses it, and all errors and warnings.

    Args:
        source: as in `load_experiment`, or a document whose files are read in already.
        kind: family of the document; None tells whole documents apart.
        lenient: unknown keys that stable-audio-tools ignores are warnings.
    """
    try:
        document = source if isinstance(source, Document) else read_experiment(source)
        return validate(document, kind, lenient=lenient)
    except ConfigError as error:
        return None, error.problems


def _complete(experiment: BaseModel) -> BaseModel:
    """A typed experiment with the files it names, relative to the working directory, read in."""
    names = {field.alias or name: name for name, field in type(experiment).model_fields.items()}
    given: Mapping[str, Any] = {key: getattr(experiment, name) for key, name in names.items() if key in FILE_OPTIONS}
    read = {
        names[key]: _typed(named_document(Document({key: value}), key), FILE_OPTIONS[key])
        for key, value in given.items()
        if isinstance(value, str)
    }
    return experiment.model_copy(update=read) if read else experiment


def _typed(document: Document, kind: str) -> Any:
    config, problems = validate(document, kind)
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)
    return config
