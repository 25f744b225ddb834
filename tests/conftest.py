"""Fixtures of all tests: the shared material beside the checkout, and golden cases."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of shared material; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared, which is not there")
    return SHARED
