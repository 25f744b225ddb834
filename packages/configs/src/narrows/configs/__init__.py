"""Typed configurations of Narrows.

The classes are generated from `schemas-json/`; `load_config` reads, validates and types a document. Importing this
package needs neither torch nor the other packages; the generated classes load when first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from narrows.configs._errors import ConfigError, MissingTypeError, Problem, UnknownTypeError
from narrows.configs._load import load_config, load_part, read_document, validate

if TYPE_CHECKING:
    from narrows.configs._generated import *  # noqa: F403

__all__ = [
    "ConfigError",
    "MissingTypeError",
    "Problem",
    "UnknownTypeError",
    "load_config",
    "load_part",
    "read_document",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Find a generated class, e.g. `AutoencoderConfig`."""
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(import_module("narrows.configs._generated"), name)
