"""Loggers: where the curves go. `metrics.jsonl` is always written; another one is chosen by name.

A logger that fails is switched off with a message: it never ends a training.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

from narrows.configs.write_errors import named_when_it_fails
from narrows.training.loggers.extras import MissingLoggerError
from narrows.training.loggers.jsonl import JsonLinesLogger

__all__ = ["JsonLinesLogger", "Logger", "Loggers", "create_loggers"]

log = logging.getLogger(__name__)


class Logger(Protocol):
    """A destination of log values."""

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values of a step; `split` is `train` or `val`."""

    def close(self) -> None:
        """Write pending values."""


class Loggers:
    """Several loggers as one.

    Args:
        loggers: any number, by the name that messages give them.
        folder: that they write to, to name it where it is full or denied.
    """

    def __init__(self, loggers: Mapping[str, Logger], folder: Path) -> None:
        self.loggers, self._folder = dict(loggers), folder

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values with every logger."""
        self._each(lambda logger: logger.log(step, split, values))

    def close(self) -> None:
        """Close every logger."""
        self._each(lambda logger: logger.close())

    def _each(self, act: Callable[[Logger], None]) -> None:
        for name, logger in list(self.loggers.items()):
            try:
                with named_when_it_fails(self._folder):
                    act(logger)
            except Exception as error:
                log.warning("The logger %s is switched off: %s", name, error)
                del self.loggers[name]


def create_loggers(name: str, folder: Path, run: str, start: int) -> Loggers:
    """`metrics.jsonl` and the chosen logger.

    Args:
        name: `tensorboard`, `csv`, `wandb`, `comet`, `mlflow`, `trackio` or `none`.
        folder: of the run.
        run: its name.
        start: step at which it resumes; records of an interrupted process after it are dropped.

    Raises:
        MissingLoggerError: its package is not installed.
    """
    chosen: dict[str, Logger] = {}
    if name != "none":
        create = import_module(f"narrows.training.loggers.{name}_logger").create
        try:
            with named_when_it_fails(folder):
                chosen[name] = create(folder, run, start)
        except MissingLoggerError:
            raise
        except Exception as error:
            # No account, no network: the run still has `metrics.jsonl` and its report.
            log.warning("The logger %s cannot start and is left out: %s", name, error)
    return Loggers({"jsonl": JsonLinesLogger(folder / "metrics.jsonl", start), **chosen}, folder)
