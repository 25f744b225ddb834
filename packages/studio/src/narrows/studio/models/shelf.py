"""Models by name, each loaded once on each device, when a job first needs it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.models import Codec, audio_codec, load_model
from narrows.models.inference import prepare_for_inference
from narrows.studio.errors import NotThereError


class ModelShelf:
    """Holds models.

    Args:
        paths: model folders or checkpoints by name.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.paths = dict(paths)
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, str], Any] = {}

    def path(self, name: str) -> Path:
        """Where a model is.

        Raises:
            NotThereError: there is none of that name.
        """
        if name not in self.paths:
            known = ", ".join(self.paths) or "none: start it with one"
            raise NotThereError(f"The studio has no model {name!r}; it has {known}")
        return self.paths[name]

    def model(self, name: str, device: str) -> Any:
        """A model on a device, in evaluation mode."""
        path = self.path(name)
        with self._lock:
            if (name, device) not in self._loaded:
                model = load_model(path).to(device).eval()
                prepare_for_inference(model)
                self._loaded[name, device] = model
            return self._loaded[name, device]

    def codec(self, name: str, device: str) -> Codec:
        """A model that encodes and decodes audio.

        Raises:
            NotACodecError: it does not.
        """
        return audio_codec(self.model(name, device))
