"""What a class of another library is to this one: a folder with a `config.json` and weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.reading import read_tensors


class InterchangeError(NarrowsError, ValueError):
    """A model for which another library has no class."""


Library = Literal["diffusers", "transformers", "snac", "wavtokenizer", "bigcodec"]
Document = dict[str, Any]
Tensors = Mapping[str, Tensor]
CONFIG = "config.json"


@dataclass(frozen=True)
class FolderFormat:
    """A class of another library."""

    library: Library
    kind: str
    """Name of the class."""
    key: tuple[str, str | None]
    """Entry of its `config.json` that tells the class, and its value; None for any."""
    weights: str
    """Name of the file of weights: safetensors, or a pickle of tensors where it ends in `.bin`."""
    document: Callable[[Document, Tensors], Document]
    """The model file of a configuration and the tensors beside it; CheckpointError for what our modules are not."""
    config: Callable[[Any], Document]
    """Its configuration of a typed model file of ours; InterchangeError for what its modules are not."""
    tensors: Callable[[Any, Document], Tensors]
    """Its tensors of a model of ours and the configuration that was made of it."""
    state: Callable[[Document, Tensors], Tensors] = lambda _, tensors: tensors
    """The tensors as a file that `load_checkpoint` knows, of its configuration and its own; mostly they are."""
    packed: Callable[[Tensors], Document] = dict
    """What a pickle of weights holds."""
    config_file: str = CONFIG
    """Name of its configuration: JSON, which is YAML too."""
    settings: Callable[[Path], Document] = lambda folder: read_json(folder / CONFIG)
    """The configuration in a folder; empty where there is none, or that of another class."""
    content: Callable[[Path], Tensors] = read_tensors
    """The content of the file of weights in a folder."""
    more: Mapping[str, Callable[[Document], Document]] = field(default_factory=dict)
    """Other JSON files that the library expects beside it, of the configuration."""

    def wrote(self, config: Mapping[str, Any]) -> bool:
        """Whether a `config.json` is of this class."""
        key, value = self.key
        return config.get(key) == value if value is not None else key in config


def read_json(path: Path) -> Document:
    """The object in a JSON file; empty where there is none.

    Raises:
        CheckpointError: it is no JSON.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON: {error}") from error
    return content if isinstance(content, dict) else {}


def demand(wanted: Mapping[str, tuple[Any, Any]], kind: str) -> None:
    """Refuse a model whose options a class of another library does not have.

    Args:
        wanted: by JSON pointer, the value that the class can have and the one that the model has.
        kind: of the class.

    Raises:
        InterchangeError: it names every option.
    """
    wrong = [f"{pointer} must be {can!r}, not {has!r}" for pointer, (can, has) in wanted.items() if can != has]
    if wrong:
        raise InterchangeError(f"This model is no {kind}: {'; '.join(wrong)}")
