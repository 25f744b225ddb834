"""Fixtures of the studio's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support.studio import Client, save_models, settings

from narrows.studio.services import Studio


@pytest.fixture(scope="session", autouse=True)
def _few_threads() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Iterator[Client]:
    """A studio that the tests of a module share."""
    studio = Studio(settings(tmp_path_factory.mktemp("studio"), models))
    with Client(studio) as made:
        yield made
