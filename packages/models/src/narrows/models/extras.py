"""Packages that only some parts need, and what they load, without a trace of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import torch
from torch import nn

from narrows.configs import NarrowsError
from narrows.models.checkpoints.kinds import check_network


class MissingExtraError(NarrowsError, ImportError):
    """A package that only some parts need, and that is not installed."""


def extra_module(name: str, extra: str) -> Any:
    """Import a module of an extra.

    Raises:
        MissingExtraError: it is not installed; the message says what to install.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise MissingExtraError(
            f"This needs the package {name.partition('.')[0]}, which is not installed: "
            f"pip install 'narrows-models[{extra}]'"
        ) from error


@contextmanager
def quiet() -> Iterator[Any]:
    """transformers without its progress bars and notes, which concern its own ways of use."""
    transformers = extra_module("transformers", "text")
    log = transformers.utils.logging
    verbosity, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield transformers
    finally:
        log.set_verbosity(verbosity)
        if bars:
            log.enable_progress_bar()


def loaded(load: Callable[[], nn.Module]) -> nn.Module:
    """Run a loader so that nothing global shows it: random state, default device, inference mode.

    Raises:
        CheckpointError: weights of the network are not finite.
    """
    with torch.random.fork_rng(devices=[]), torch.inference_mode(False), torch.device("cpu"):
        network = load()
    check_network(network)
    return network
