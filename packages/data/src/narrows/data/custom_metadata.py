"""User code for metadata: a Python file that defines `get_custom_metadata(info, audio)`.

The contract is that of stable-audio-tools. It runs code that a file names, so it needs permission.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor

from narrows.data.errors import DataError, shown
from narrows.data.faults import Rejected

FUNCTION = "get_custom_metadata"


class CustomMetadata:
    """The function of a module, loaded in each process when first used.

    Args:
        path: the Python file.
        allow_code: whether running it is allowed.

    Raises:
        DataError: it is not allowed, is missing, or does not define the function.
    """

    def __init__(self, path: str, allow_code: bool) -> None:
        self.path = path
        if not allow_code:
            raise DataError(
                f"custom_metadata_module names {shown(path)}, and using it runs its code. If you trust it, allow that: "
                f"--allow-code on the command line, allow_code=True in Python. Captions rarely need code: "
                f"see 'metadata' in the data set's configuration"
            )
        self._module: ModuleType | None = None
        self._load()

    def __call__(self, info: dict[str, Any], audio: Tensor | None) -> dict[str, Any]:
        """What the function returns; an exception in it is the user's to see, and is raised as it is.

        Raises:
            Rejected: it says `__reject__`.
            DataError: it returns no mapping.
        """
        result = getattr(self._load(), FUNCTION)(info, audio)
        if not isinstance(result, Mapping):
            raise DataError(f"{FUNCTION} of {shown(self.path)} returns {type(result).__name__}, not a dictionary")
        if result.get("__reject__"):
            raise Rejected(f"{info.get('path', '')} is rejected by {FUNCTION}")
        return {key: value for key, value in result.items() if key != "__reject__"}

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_module": None}

    def _load(self) -> ModuleType:
        if self._module is not None:
            return self._module
        path = Path(self.path)
        spec = importlib.util.spec_from_file_location("narrows_custom_metadata", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise DataError(f"custom_metadata_module: {shown(path)} is no Python file")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not callable(getattr(module, FUNCTION, None)):
            raise DataError(f"custom_metadata_module: {shown(path)} does not define {FUNCTION}(info, audio)")
        self._module = module
        return module
