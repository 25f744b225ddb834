"""A small data set."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.training_cases import write_clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six clips."""
    return write_clips(tmp_path_factory.mktemp("data") / "clips")
