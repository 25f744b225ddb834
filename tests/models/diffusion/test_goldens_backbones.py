"""Diffusion models against the reference, number for number: backbones, guided and not, with the reference's names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import golden_ids, load_golden

from narrows.models import create_model_from_config, load_checkpoint
from narrows.models.checkpoints.load import constants
from narrows.models.checkpoints.names import to_file

PREFIXES = ("dit_", "adp_", "dau1d", "uncond_")
CASES = [name for prefix in PREFIXES for name in golden_ids("diffusion", prefix)]


@pytest.mark.parametrize("name", CASES)
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("diffusion", name)
    model = create_model_from_config(case.meta["config"]).eval()
    assert case.weights is not None
    own = set(to_file(model.state_dict())) - set(constants(model))
    assert own == set(case.weights) - set(constants(model)), "the reference's names"
    save_file({key: value.contiguous() for key, value in case.weights.items()}, tmp_path / "w.safetensors")
    load_checkpoint(model, tmp_path / "w.safetensors")
    inputs = {key: value for key, value in case.inputs.items() if key not in ("x", "t")}
    if case.meta["params"].get("seeded"):
        torch.manual_seed(case.meta["seed"])
    with torch.inference_mode():
        options = case.meta["params"].get("kwargs", {})
        got = model.predict(case.inputs["x"], case.inputs["t"], inputs, **options)
    output, info = got if isinstance(got, tuple) else (got, {})
    case.assert_close("output", output)
    assert model.min_input_length == case.meta["json_outputs"]["min_input_length"]
    for key in case.outputs:
        if key.startswith("info.hidden."):
            case.assert_close(key, info["hidden_states"][int(key.rsplit(".", 1)[1])])
        elif key != "output":
            case.assert_close(key, info[key.removeprefix("info.")])
