"""Reading JSON and YAML documents, and finding the line of a JSON pointer in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem, config_error

if TYPE_CHECKING:
    import yaml

Position = tuple[int, int]
"""Line and column, counted from 1."""


@dataclass
class Document:
    """A parsed document and where its values stand in the text."""

    data: Any
    source: str = ""
    text: str = ""
    positions: Callable[[str], dict[str, Position]] = field(default=lambda text: {}, repr=False)

    @cached_property
    def _table(self) -> dict[str, Position]:
        return self.positions(self.text)

    def locate(self, pointer: str) -> tuple[int | None, int | None]:
        """Line and column of a pointer, or of the nearest parent that stands in the text."""
        while pointer and pointer not in self._table:
            pointer = pointer.rpartition("/")[0]
        return self._table.get(pointer, (None, None))

    def place(self, problem: Problem) -> Problem:
        """The problem with file, line and column filled in."""
        line, column = self.locate(problem.pointer)
        return problem._replace(source=self.source, line=line, column=column)


def join(pointer: str, key: str | int) -> str:
    """Append a key to a JSON pointer, escaped as RFC 6901 asks."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def read_file(path: Path) -> Document:
    """Read a .json, .yaml or .yml file; a file with another ending is JSON if it begins like JSON, otherwise YAML.

    Raises:
        ConfigError: the file cannot be read or parsed; the problem names file, line and column.
    """
    source = str(path)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problem = Problem("", f"Cannot read {source}: {reason}", source, source=source, kind="syntax")
        raise config_error([problem]) from error
    text = _decoded(content, source)
    ending = path.suffix.lower()
    if ending == ".json" or (ending not in {".yaml", ".yml"} and text.lstrip().startswith(("{", "["))):
        return parse_json(text, source)
    return parse_yaml(text, source)


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        line, column = _line_and_column(before, len(before))
        message = f"Cannot read {source}: it is not UTF-8 text (byte 0x{content[error.start]:02x})"
        raise config_error(
            [Problem("", message, source, "Save it as UTF-8.", line, column, source, kind="syntax")]
        ) from error


def _line_and_column(text: str, index: int) -> Position:
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


def parse_json(text: str, source: str = "") -> Document:
    """Parse JSON text; repeated keys, NaN and Infinity are errors."""
    repeated = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        result = dict(items)
        repeated |= len(result) < len(items)
        return result

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise config_error([Problem("", "The document is nested too deeply.", source=source, kind="syntax")]) from error
    except json.JSONDecodeError as error:
        message = f"This is not valid JSON: {error.msg}."
        raise config_error(
            [Problem("", message, None, "", error.lineno, error.colno, source, kind="syntax")]
        ) from error
    except ValueError as error:
        raise config_error([Problem("", f"This is not valid JSON: {error}.", source=source, kind="syntax")]) from error
    if repeated:
        raise config_error([_twice(key, place, source) for key, place in _repeated_keys(text)])
    return Document(data, source, text, json_positions)


def _twice(key: str, place: Position, source: str) -> Problem:
    line, column = place
    return Problem("", f"The key {key!r} is given twice.", key, "", line, column, source, kind="syntax")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{shortened(text)} is too large for a number")
    return number


def shortened(text: str) -> str:
    """A text of at most 40 characters."""
    return text if len(text) <= 40 else f"{text[:37]}..."


def parse_yaml(text: str, source: str = "") -> Document:
    """Parse YAML text with the number rules of YAML 1.2, so that `1e-4` is a number and `on` is text."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = None if node is None else _construct(node, [MAX_NODES])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        reason = getattr(error, "problem", None) or str(error)
        if isinstance(error, yaml.reader.ReaderError):
            (line, column), reason = _line_and_column(text, error.position), error.reason
        message = f"This is not valid YAML: {reason}."
        raise config_error([Problem("", message, None, "", line, column, source, kind="syntax")]) from error
    except RecursionError as error:
        raise config_error([Problem("", "The document is nested too deeply.", source=source, kind="syntax")]) from error
    return Document(data, source, text, yaml_positions)


_YAML_INT = re.compile(r"[-+]?[0-9]+\Z")
_YAML_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_YAML_WORDS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "true": True,
    "True": True,
    "false": False,
    "False": False,
}


MAX_NODES = 100_000
"""Values of a YAML document at most; aliases can make a short text a huge document."""


def _construct(node: yaml.Node, left: list[int]) -> Any:
    import yaml

    left[0] -= 1
    if left[0] < 0:
        raise yaml.MarkedYAMLError(problem=f"it has more than {MAX_NODES} values", problem_mark=node.start_mark)

    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key in result:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} is given twice", problem_mark=key_node.start_mark)
            result[key] = _construct(value_node, left)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, left) for item in node.value]
    return _scalar(node)


def _scalar(node: Any) -> Any:
    import yaml

    text = node.value
    if node.style is not None or (
        node.tag.endswith(":str") and text not in _YAML_WORDS and not _YAML_FLOAT.match(text)
    ):
        return text
    if text in _YAML_WORDS:
        return _YAML_WORDS[text]
    if _YAML_INT.match(text):
        return int(text)
    if _YAML_FLOAT.match(text):
        if isinf(float(text)):
            raise yaml.MarkedYAMLError(problem=f"{shortened(text)} is too large", problem_mark=node.start_mark)
        return float(text)
    if text.lower() in {".nan", ".inf", "-.inf"}:
        raise yaml.MarkedYAMLError(problem=f"{text} is not a usable number", problem_mark=node.start_mark)
    return text


def yaml_positions(text: str) -> dict[str, Position]:
    """Where every value of a YAML text stands: pointer to (line, column)."""
    import yaml

    def walk(node: yaml.Node, pointer: str, mark: yaml.Mark) -> Iterator[tuple[str, Position]]:
        yield pointer, (mark.line + 1, mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            for key_node, value in node.value:
                yield from walk(value, join(pointer, key_node.value), key_node.start_mark)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                yield from walk(value, join(pointer, index), value.start_mark)

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return {} if root is None else dict(walk(root, "", root.start_mark))


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def _repeated_keys(text: str) -> list[tuple[str, Position]]:
    """Keys that their object has already, and where they are, in the order of the text."""
    twice: list[tuple[str, Position]] = []
    json_positions(text, twice)
    return twice


def json_positions(text: str, twice: list[tuple[str, Position]] | None = None) -> dict[str, Position]:
    """Where every value of a valid JSON text stands: pointer to (line, column); members stand at their key.

    Args:
        text: the document.
        twice: takes repeated keys with their positions.
    """
    positions: dict[str, Position] = {}
    stack: list[list[Any]] = []  # [pointer, is object, index or key, position of the key, keys so far]
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    line = 0
    for match in _JSON_TOKEN.finditer(text):
        while line + 1 < len(starts) and starts[line + 1] <= match.start():
            line += 1
        here = (line + 1, match.start() - starts[line] + 1)
        token = match.group()
        if token in "}]":
            stack.pop()
        elif token == ",":
            stack[-1][2] = None if stack[-1][1] else stack[-1][2] + 1
        elif token != ":":
            if stack and stack[-1][1] and stack[-1][2] is None:
                stack[-1][2:4] = [json.loads(token), here]
                if twice is not None and stack[-1][2] in stack[-1][4]:
                    twice.append((str(stack[-1][2]), here))
                stack[-1][4].add(stack[-1][2])
                continue
            pointer = join(stack[-1][0], stack[-1][2]) if stack else ""
            positions[pointer] = stack[-1][3] if stack and stack[-1][1] else here
            if token in "{[":
                stack.append([pointer, token == "{", None if token == "{" else 0, here, set()])
    return positions
