"""Diffusion backbones against the reference, number for number."""

from __future__ import annotations

from importlib import import_module

import pytest
import torch
from support.goldens import golden_ids, load_golden

from narrows import configs
from narrows.models.checkpoints.load import constants
from narrows.models.diffusion.backbones import build_backbone

CLASSES = {"dit": "DiTConfig", "adp_1d": "ADP1dConfig", "DAU1d": "DAU1dConfig"}
CASES = [name for prefix in ("dit_", "adp_1d", "dau1d") for name in golden_ids("diffusion", prefix)]


@pytest.mark.parametrize("name", CASES)
def test_matches_the_reference(name: str) -> None:
    case = load_golden("diffusion", name)
    model = case.meta["config"]["model"]
    given = model.get("diffusion", model)
    import_module(f"narrows.models.diffusion.backbones.{given['type'].lower()}")
    config = getattr(configs, CLASSES[given["type"]])(type=given["type"], config=given["config"])
    backbone = build_backbone(config, given.get("diffusion_objective")).eval()
    assert case.weights is not None
    wrapped = any(key.startswith("model.model.") for key in case.weights)
    weights = {key.removeprefix("model.") if wrapped else key: value for key, value in case.weights.items()}
    fixed = backbone.state_dict()
    backbone.load_state_dict({**{key: fixed[key] for key in constants(backbone)}, **weights})
    conditions = {key: value for key, value in case.inputs.items() if key not in ("x", "t")}
    if case.meta["params"].get("seeded"):
        torch.manual_seed(case.meta["seed"])
    with torch.inference_mode():
        options = case.meta["params"].get("kwargs", {})
        got = backbone(case.inputs["x"], case.inputs["t"], **conditions, **options)
    output, info = got if isinstance(got, tuple) else (got, {})
    case.assert_close("output", output)
    for key in case.outputs:
        if key.startswith("info.hidden."):
            case.assert_close(key, info["hidden_states"][int(key.rsplit(".", 1)[1])])
        elif key != "output":
            case.assert_close(key, info[key.removeprefix("info.")])
