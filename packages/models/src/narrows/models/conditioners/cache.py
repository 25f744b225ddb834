"""Embeddings of frozen encoders, kept: in memory, and in a folder that outlives the process."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from narrows.configs.files import atomic_file

Entry = dict[str, Tensor]
MEGABYTE = 1 << 20


class EmbeddingCache:
    """What frozen encoders made of texts, by the hash of encoder, text and options.

    The least recently used entries leave the memory first; a folder keeps all. Processes may share a folder.

    Args:
        folder: where entries are kept as files; None for memory only.
        max_bytes: of the entries in memory.
    """

    def __init__(self, folder: str | Path | None = None, max_bytes: int = 64 * MEGABYTE) -> None:
        self.folder = None if folder is None else Path(folder)
        self.max_bytes = max_bytes
        self.hits = 0
        """Texts that did not have to be encoded."""
        self.misses = 0
        """Texts that had to be."""
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> Entry | None:
        """The tensors kept under a key, on the CPU; None when there are none. A damaged file counts as none."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        elif self.folder is not None:
            entry = _read(self._file(key))
            if entry is not None:
                self._remember(key, entry)
        self.hits, self.misses = self.hits + (entry is not None), self.misses + (entry is None)
        return entry

    def put(self, key: str, entry: Mapping[str, Tensor]) -> None:
        """Keep tensors under a key."""
        kept = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in entry.items()}
        self._remember(key, kept)
        if self.folder is not None:
            with atomic_file(self._file(key)) as temporary:
                save_file(kept, temporary)

    def clear(self) -> None:
        """Forget what is in memory; files stay."""
        self._entries.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __deepcopy__(self, memo: Any) -> Self:
        """Copies of a model share its cache."""
        return self

    def _remember(self, key: str, entry: Entry) -> None:
        self._bytes += _size(entry) - _size(self._entries.pop(key, {}))
        self._entries[key] = entry
        while self._bytes > self.max_bytes:
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= _size(oldest)

    def _file(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / f"{key}.safetensors"


def cache_key(encoder: str, text: str, options: Mapping[str, Any]) -> str:
    """The key of a text: SHA-256 of the encoder's own hash, the text and what else decides the result."""
    described = json.dumps([encoder, text, dict(options)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(described.encode()).hexdigest()


def _size(entry: Entry) -> int:
    return sum(tensor.nbytes for tensor in entry.values())


def _read(file: Path) -> Entry | None:
    try:
        return load_file(file)
    except (OSError, SafetensorError):
        return None
