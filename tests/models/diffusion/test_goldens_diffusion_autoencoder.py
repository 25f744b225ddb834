"""Diffusion autoencoders against the reference, number for number."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import golden_ids, load_golden

from narrows.models import create_model_from_config, load_checkpoint


@pytest.mark.parametrize("name", golden_ids("autoencoder", "diffae_"))
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("autoencoder", name)
    model = create_model_from_config(case.meta["config"]).eval()
    assert case.weights is not None
    save_file(case.weights, tmp_path / "weights.safetensors")
    load_checkpoint(model, tmp_path / "weights.safetensors")
    with torch.inference_mode():
        latents, info = model.encode(case.inputs["audio"], return_info=True)
        torch.manual_seed(case.meta["seed"])
        decoded = model.decode(case.inputs["decode_input"], steps=case.meta["params"]["steps"])
    torch.manual_seed(case.meta["seed"])
    got = {"latents": latents, "decoded": decoded, "noise_used": torch.randn(case.outputs["noise_used"].shape), **info}
    for key in case.outputs:
        case.assert_close(key, got[key])
