"""`narrows inspect` of generative models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command_matrix import run
from support.tiny_diffusion import document
from support.tiny_lm import config as lm_config


@pytest.mark.parametrize("model", [document(), lm_config(cross=True)], ids=["diffusion", "lm"])
def test_the_command_tells_it(tmp_path: Path, model: dict[str, object]) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    outcome = run(["inspect", str(path)])
    assert outcome.code == 0, outcome.error
    for word in ("parameters of total", "GFLOPs", "MiB", "frozen encoders are outside"):
        assert word in outcome.out
    as_json = run(["inspect", str(path), "--json"])
    assert json.loads(as_json.out)["parameters"]["total"] > 0
    assert run(["inspect", str(path), "--layers"]).code == 1
