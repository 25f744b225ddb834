"""Every configuration that the references shipped or ran loads."""

from __future__ import annotations

import json

import pytest
from support.shared_folder import GOLDENS

from narrows.configs import load_config


def documents() -> list[object]:
    if not GOLDENS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip("needs ../shared/goldens, which is not there"))]
    found = []
    for case in sorted(GOLDENS.glob("*/*/case.json")):
        config = json.loads(case.read_text(encoding="utf-8")).get("config")
        if isinstance(config, dict) and "model_type" in config:
            found.append(pytest.param(config, id=f"{case.parent.parent.name}-{case.parent.name}"))
    return found


@pytest.mark.parametrize("config", documents())
def test_golden_loads(config: dict[str, object]) -> None:
    load_config(config)
