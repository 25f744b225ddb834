"""Fixtures of all tests: the shared material beside the checkout, and golden cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from shared_folder import SHARED

# The first call of a test may load torch, and machines differ: time says nothing about an example.
settings.register_profile("narrows", deadline=None)
settings.load_profile("narrows")


@pytest.fixture
def shared() -> Path:
    """The folder of shared material; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared, which is not there")
    return SHARED
