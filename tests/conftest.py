"""Fixtures of all tests: the shared material beside the checkout, and golden cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from support.shared_folder import SHARED

# The first call of a test may load torch, and machines differ: time says nothing about an example.
settings.register_profile("narrows", deadline=None)
settings.load_profile("narrows")


@pytest.fixture
def shared() -> Path:
    """The folder of shared material; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared, which is not there")
    return SHARED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` run only where they are asked for: `pytest -m long`."""
    if "long" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("long") is not None]
    items[:] = [item for item in items if item.get_closest_marker("long") is None]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `cuda` need a GPU."""
    if item.get_closest_marker("cuda") is None:
        return
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA GPU, which is not here")
