"""Reading and writing files of adapters, whoever's layout they have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from narrows.configs.files import atomic_file, write_folder
from narrows.models.adapters.content import AdapterContent
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.formats import kohya, peft, stable_audio_3
from narrows.models.adapters.kinds import KINDS
from narrows.models.checkpoints.kinds import FLOATS, finite
from narrows.models.checkpoints.reading import read_tensors
from narrows.models.checkpoints.training_format import ADAPTER_FILE

IN_FOLDERS = (ADAPTER_FILE, peft.WEIGHTS)


def read_adapter(path: str | Path) -> AdapterContent:
    """The content of an adapter's file.

    Args:
        path: a safetensors file of this library, stable-audio-3, PEFT or sd-scripts; a checkpoint of stable-audio-3
            (`.ckpt`, read without running code); or a folder with `adapter.safetensors`, or of PEFT.

    Raises:
        AdapterError: it is no adapter, or a damaged one.
        CheckpointError: the file cannot be read.
    """
    path = Path(path)
    file = adapter_file(path)
    tensors, header = _read(file)
    content = _understood(tensors, header, file)
    _check(content, path)
    return content


def adapter_file(path: Path) -> Path:
    """The file with the tensors of an adapter.

    Raises:
        AdapterError: the folder has none, or there is nothing.
    """
    if path.is_dir():
        for name in IN_FOLDERS:
            if (path / name).is_file():
                return path / name
        raise AdapterError(f"{path} holds no adapter: {' or '.join(IN_FOLDERS)} is looked for")
    if not path.is_file():
        raise AdapterError(f"No such adapter: {path}")
    return path


def write_adapter(path: Path, content: AdapterContent) -> Path:
    """Write an adapter as this library and stable-audio-3 read it, whole or not at all.

    Args:
        path: of the file.
        content: by the names of layers within their part of the model (`targets.file_name`).
    """
    tensors, header = stable_audio_3.write(content)
    with atomic_file(path) as temporary:
        save_file(tensors, temporary, metadata=header)
    return path


def write_peft(folder: Path, content: AdapterContent, shapes: Mapping[str, tuple[int, ...]]) -> Path:
    """Write an adapter as PEFT reads it; a new folder appears whole or not at all.

    Args:
        folder: in one that exists, its two files are replaced.
        content: by the names of layers in the model.
        shapes: of the weights, by the same names.

    Raises:
        AdapterError: PEFT has no such kind.
    """
    tensors, options = peft.write(content, shapes)
    with write_folder(folder, (peft.WEIGHTS, peft.OPTIONS), last=peft.OPTIONS) as temporary:
        save_file(tensors, temporary / peft.WEIGHTS, metadata={"format": "pt"})
        (temporary / peft.OPTIONS).write_text(options + "\n", encoding="utf-8")
    return folder


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of a file, and what it says of itself."""
    content = read_tensors(file)
    header: dict[str, Any] = {}
    if all(isinstance(value, Tensor) for value in content.values()):
        with suppress(SafetensorError), safe_open(file, framework="pt") as opened:  # a pickle has no header
            header = dict(opened.metadata() or {})
        return content, header
    state = content.get("state_dict")
    if not isinstance(state, Mapping):
        raise AdapterError(f"{file} is no adapter: it has neither tensors alone nor a `state_dict`")
    return dict(state), {"lora_config": content.get(stable_audio_3.OPTIONS)}


def _understood(tensors: dict[str, Tensor], header: dict[str, Any], file: Path) -> AdapterContent:
    if not tensors:
        raise AdapterError(f"{file} is empty: it holds no tensors")
    try:
        if any(stable_audio_3.NAME.fullmatch(name) for name in tensors):
            return stable_audio_3.read(tensors, header)
        if any(name.endswith(peft.MARKS) for name in tensors):
            return peft.read(tensors, _options_beside(file))
        if any(name.endswith(kohya.MARKS) for name in tensors):
            return kohya.read(tensors, header)
    except AdapterError as error:
        raise AdapterError(f"{file}: {error}") from error
    some = ", ".join(list(tensors)[:3])
    raise AdapterError(
        f"{file} is no adapter of stable-audio-3, PEFT or sd-scripts: its tensors are called {some}. Weights of a "
        "whole model are given as MODEL"
    )


def _options_beside(file: Path) -> dict[str, Any]:
    beside = file.with_name(peft.OPTIONS)
    if not beside.is_file():
        return {}
    try:
        options: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AdapterError(f"{beside} is no JSON: {error}") from error
    return options


def _check(content: AdapterContent, path: Path) -> None:
    """Every layer has the tensors of its kind, of one rank, in floating point, and finite."""
    wanted = KINDS[content.kind].tensors
    for name, layer in content.layers.items():
        given = layer.tensors.keys() - {"U", "V"}
        if given != wanted:
            missing, more = sorted(wanted - given), sorted(given - wanted)
            said = [
                *(["lacks " + ", ".join(missing)] if missing else []),
                *(["has also " + ", ".join(more)] if more else []),
            ]
            raise AdapterError(f"{path}: {name} {' and '.join(said)}, for an adapter of the kind {content.kind}")
        other = sorted({str(t.dtype).removeprefix("torch.") for t in layer.tensors.values() if t.dtype not in FLOATS})
        if other:
            raise AdapterError(
                f"{path}: {name} is {', '.join(other)}, which are no weights. Quantised weights must be turned back "
                "into floating point where they were made"
            )
        broken = [key for key, tensor in layer.tensors.items() if not finite(tensor)]
        if broken:
            raise AdapterError(f"{path}: {name} holds values that are not finite ({', '.join(broken)})")
