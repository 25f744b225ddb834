"""Packages that only some loggers need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from narrows.configs import NarrowsError


class MissingLoggerError(NarrowsError, ModuleNotFoundError, ValueError):
    """The package of a chosen logger is not installed."""


def import_extra(package: str, extra: str) -> Any:
    """Import a package.

    Raises:
        MissingLoggerError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingLoggerError(
            f'logger={extra} needs the package {package}: run `pip install "narrows-training[{extra}]"`, or choose '
            "logger=tensorboard, csv or none"
        ) from error
