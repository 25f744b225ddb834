"""Whole autoencoders against the reference, number for number."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from goldens import golden_ids, load_golden
from safetensors.torch import save_file

from narrows.models import create_model_from_config, load_checkpoint


@pytest.mark.parametrize("name", golden_ids("autoencoder", "oobleck"))
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("autoencoder", name)
    model = create_model_from_config(case.meta["config"]).eval()
    save_file(case.weights, tmp_path / "weights.safetensors")
    load_checkpoint(model, tmp_path / "weights.safetensors")
    seed = case.meta["seed"]
    with torch.inference_mode():
        torch.manual_seed(seed)
        latents, info = model.encode(case.inputs["audio"], return_info=True)
        torch.manual_seed(seed + 1)
        decoded = model.decode(case.inputs["decode_input"])
        torch.manual_seed(seed + 1)
        reconstruction = model.decode(latents)
    got = {"latents": latents, "decoded": decoded, "reconstruction": reconstruction, **info}
    for key in case.outputs:
        case.assert_close(key, got[key.removeprefix("info.")])
