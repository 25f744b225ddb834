"""The documents of tests/configs/corpus, as parameters of tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[1] / "configs" / "corpus"


def component_files(*families: str) -> list[Any]:
    """Family and path of every component of these families."""
    return [
        pytest.param(family, path, id=f"{family}-{path.stem}")
        for family in families
        for path in sorted((CORPUS / family).glob("*.json"))
    ]
