"""Every configuration that the references shipped or ran loads, or fails for a reason that is written down here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from goldens import GOLDENS

from narrows.configs import ConfigError, load_config

TRUE_REASONS = {
    # latent_dim counts the two noise channels, which are no part of the latents: chunked encoding fails with it.
    "bn_wasserstein_noise": "The encoder gives 4 channels but latent_dim is 6",
}
"""Golden cases that are refused: a part of the message."""


def documents() -> list[object]:
    if not GOLDENS.is_dir():
        return [pytest.param(None, None, marks=pytest.mark.skip("needs ../shared/goldens, which is not there"))]
    found = []
    for case in sorted(GOLDENS.glob("*/*/case.json")):
        config = json.loads(case.read_text(encoding="utf-8")).get("config")
        if isinstance(config, dict) and "model_type" in config:
            found.append(pytest.param(config, case.parent.name, id=f"{case.parent.parent.name}-{case.parent.name}"))
    return found


@pytest.mark.parametrize(("config", "name"), documents())
def test_golden_loads(config: dict[str, object], name: str) -> None:
    if name in TRUE_REASONS:
        with pytest.raises(ConfigError, match=TRUE_REASONS[name]):
            load_config(config)
    else:
        load_config(config)
