"""Networks of transformers from a folder, with and without their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from narrows.models.conditioners.encoders import EncoderError


def from_pretrained(cls: Any, folder: Path, **options: Any) -> nn.Module:
    """A network with its weights, in float32.

    Raises:
        EncoderError: the folder has none that fits, or weights are missing.
    """
    try:
        network, report = cls.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32, output_loading_info=True, **options
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise EncoderError(f"Cannot load a {cls.__name__} from {folder}: {error}") from error
    missing = sorted(report["missing_keys"])
    # A pooling layer is no part of what is read here, and many published encoders leave it out.
    missing = [key for key in missing if "pooler" not in key]
    if missing:
        listed = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        raise EncoderError(f"{folder} has no weights for {len(missing)} tensors of a {cls.__name__}: {listed}")
    module: nn.Module = network
    return module


def without_weights(cls: Any, folder: Path, config: Any = None) -> nn.Module:
    """A network of a folder's config.json, in the current default device."""
    if config is None:
        config = config_at(folder)
    module: nn.Module = cls._from_config(config) if hasattr(cls, "_from_config") else cls.from_config(config)
    return module


def config_at(folder: Path) -> Any:
    """The configuration of a folder, as transformers reads it."""
    from transformers import AutoConfig  # only with the extra `text`

    try:
        return AutoConfig.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(f"Cannot read the configuration of an encoder from {folder}: {error}") from error
