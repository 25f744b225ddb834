"""Typed configurations of Narrows.

The classes are generated from `schemas-json/`; `load_config` reads, validates and types a document. Importing this
package needs neither torch nor the other packages; the generated classes load when first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import ConfigError, MissingTypeError, NarrowsError, Problem, UnknownTypeError

if TYPE_CHECKING:
    from narrows.configs._generated import *  # noqa: F403
    from narrows.configs._load import check_config, load_config, load_part, read_document, validate

__all__ = [
    "ConfigError",
    "MissingTypeError",
    "NarrowsError",
    "Problem",
    "UnknownTypeError",
    "check_config",
    "load_config",
    "load_part",
    "read_document",
    "validate",
]

_FUNCTIONS = {"check_config", "load_config", "load_part", "read_document", "validate"}


def __getattr__(name: str) -> Any:
    """Import a function, or a generated class such as `AutoencoderConfig`, when it is first named."""
    if name.startswith("_"):
        raise AttributeError(name)
    module = "narrows.configs._load" if name in _FUNCTIONS else "narrows.configs._generated"
    return getattr(import_module(module), name)
