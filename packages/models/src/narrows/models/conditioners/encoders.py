"""Published encoders: where their files are, how they load, and how they are kept outside a model's state dict.

Nothing is ever fetched: an encoder is in a folder, in an installed package, or in the local cache of the hub.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from narrows.configs import NarrowsError
from narrows.models.extras import MissingExtraError, extra_module, loaded, quiet

WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt")
HASHED = (*WEIGHTS, ".json", ".model", ".txt")
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


class EncoderError(NarrowsError, OSError):
    """An encoder that is not there, or whose files do not fit."""


@dataclass(frozen=True)
class Place:
    """Where an encoder is. Relative paths count from the folder that was current when the model was built."""

    path: Path | None = None
    """Folder or file."""
    names: tuple[str, ...] = ()
    """Names in the local cache, any of which will do."""
    package: str | None = None
    """Installed package; it is not imported."""
    subfolder: str | None = None

    def find(self) -> Path:
        """The folder or file.

        Raises:
            EncoderError: there is none; the message says where it was looked for.
        """
        found = self._path() or self._in_package() or next(filter(None, map(_cached, self.names)), None)
        if found is None:
            raise EncoderError(self._missing())
        if self.subfolder is not None:
            found = found / self.subfolder
        if not found.exists():
            raise EncoderError(f"There is no encoder at {found}")
        return found

    def config(self) -> dict[str, Any] | None:
        """The encoder's config.json; None where the encoder, or the file, is not there."""
        try:
            content: dict[str, Any] = json.loads((self.find() / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, MissingExtraError):
            return None
        return content

    def _path(self) -> Path | None:
        return self.path if self.path is not None and self.path.exists() else None

    def _in_package(self) -> Path | None:
        spec = find_spec(self.package) if self.package else None
        if spec is None or not spec.submodule_search_locations:
            return None
        root = Path(spec.submodule_search_locations[0])
        if self.subfolder is not None or (root / "config.json").is_file():
            return root
        inside = sorted(file.parent for file in root.glob("*/config.json"))
        return next((folder for folder in inside if any(f.suffix in WEIGHTS for f in folder.iterdir())), None)

    def _missing(self) -> str:
        if self.package is not None:
            return f"The package {self.package!r} is not installed, or has no folder with a config.json and weights"
        looked = [str(self.path)] if self.path is not None else []
        looked += [f"{name} in the local cache of the hub" for name in self.names]
        advice = f"Fetch it once with `hf download {self.names[0]}`, or write" if self.names else "Write"
        return f"There is no encoder at {', nor '.join(looked)}. {advice} the path of its folder"


def place(
    path: str | None, names: Sequence[str] = (), package: str | None = None, subfolder: str | None = None
) -> Place:
    """Where an encoder is: at a path, else in a package, else under a name in the local cache.

    Args:
        path: of a folder or file; where nothing is there and it may be a name, it is one.
        names: in the cache.
        package: that carries the folder.
        subfolder: inside of any of these.
    """
    if path is None:
        return Place(names=tuple(names), package=package, subfolder=subfolder)
    absolute = Path(path).expanduser().absolute()
    named = (path,) if HUB_NAME.fullmatch(path) and not absolute.exists() else ()
    return Place(path=absolute, names=named, subfolder=subfolder)


def width_at(where: Place) -> int | None:
    """The width of an encoder by its config.json; None where that is not there or does not say."""
    config = where.config() or {}
    for part in (config.get("encoder"), config.get("text_config"), config):
        for key in ("d_model", "hidden_size", "dim"):
            if isinstance(part, dict) and isinstance(part.get(key), int):
                return int(part[key])
    return None


def _cached(name: str) -> Path | None:
    hub = extra_module("huggingface_hub", "text")
    try:
        return Path(hub.snapshot_download(name, local_files_only=True))
    except (OSError, ValueError, hub.errors.HfHubHTTPError):
        return None


def precision_for(device: torch.device, choice: str, suited: torch.dtype) -> torch.dtype:
    """The precision of a frozen encoder.

    Args:
        device: where it runs.
        choice: `auto`, or the name of a type.
        suited: what it takes on a GPU that can.
    """
    if choice != "auto":
        chosen: torch.dtype = getattr(torch, choice)
        return chosen
    if device.type == "cpu":
        return torch.float32
    if suited == torch.bfloat16 and not (device.type == "cuda" and torch.cuda.is_bf16_supported()):
        return torch.float32
    return suited


class Held:
    """A frozen network that is no part of the module tree: it loads at first use and can be released.

    Args:
        load: makes the network, in float32 on the CPU.
    """

    def __init__(self, load: Callable[[], nn.Module]) -> None:
        self._load = load
        self._network: nn.Module | None = None

    @property
    def loaded(self) -> bool:
        """Whether the network is in memory."""
        return self._network is not None

    def on(self, device: torch.device, dtype: torch.dtype = torch.float32) -> nn.Module:
        """The network, in eval mode and frozen, on a device and in a precision."""
        tensor = None if self._network is None else next(self._network.parameters(), None)
        if self._network is None or (tensor is not None and tensor.dtype not in (dtype, torch.float32)):
            # Loaded again rather than cast back: a rounded copy is not the encoder.
            self._network = loaded(self._load).requires_grad_(False).eval()
        return self._network.to(device=device, dtype=dtype)

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """Drop the network, or let it wait on another device."""
        if self._network is not None:
            self._network = None if keep_on is None else self._network.to(keep_on)

    def __deepcopy__(self, memo: Any) -> Self:
        """Copies of a model share what is frozen."""
        return self


def parameters_of(skeleton: Callable[[], nn.Module]) -> int | None:
    """Parameters of a network that is made without weights; None where what it is made from is not here."""
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            return sum(parameter.numel() for parameter in skeleton().parameters())
    except (EncoderError, MissingExtraError):
        return None


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 of the files that make an encoder: those of folders, weights and tokenizer included."""
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    described = [
        f"{file.name} {_digest(str(file), file.stat().st_size, file.stat().st_mtime_ns)}"
        for file in files
        if file.suffix in HASHED and file.is_file()
    ]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


@lru_cache(maxsize=512)
def _digest(path: str, size: int, changed: int) -> str:
    """Size and time are there so that a changed file is read again."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def tokenizer_at(folder: Path, special_tokens: tuple[str, ...] = ()) -> Any:
    """The tokenizer of a folder, with further tokens in its vocabulary.

    Raises:
        EncoderError: there is none that can be read.
    """
    with quiet() as transformers:
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, ImportError) as error:
            raise EncoderError(f"Cannot read a tokenizer from {folder}: {error}") from error
        if special_tokens:
            tokenizer.add_special_tokens({"additional_special_tokens": list(special_tokens)})
    return tokenizer
