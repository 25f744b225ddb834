"""Pretransforms against the reference, number for number."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import golden_ids, load_golden

from narrows.models import create_model_from_config, create_pretransform_from_config, load_checkpoint


@pytest.mark.parametrize("name", golden_ids("pretransform"))
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("pretransform", name)
    pretransform = create_pretransform_from_config(case.meta["config"], case.meta["params"].get("sample_rate", 16000))
    # A filter bank is designed by an optimiser: compared with a tolerance of its own, then loaded.
    for key in set(case.outputs) & {"prototype", "filter_bank"}:
        torch.testing.assert_close(getattr(pretransform.pqmf, key), case.outputs[key], atol=2e-4, rtol=1e-3)
    if case.weights is not None:
        save_file(case.weights, tmp_path / "weights.safetensors")
        load_checkpoint(pretransform, tmp_path / "weights.safetensors")
    with torch.inference_mode():
        encoded = pretransform.encode(case.inputs["x"])
        got = {
            "encoded": encoded,
            "decoded": pretransform.decode(case.inputs["z"]),
            "roundtrip": pretransform.decode(encoded),
        }
        if pretransform.is_discrete:
            got["tokens"] = pretransform.tokenize(case.inputs["x"])
            got["decoded_from_tokens"] = pretransform.decode_tokens(got["tokens"])
            got["pre_bottleneck_latents"] = pretransform.model.encode(case.inputs["x"], skip_bottleneck=True)
    for key in set(case.outputs) - {"prototype", "filter_bank"}:
        case.assert_close(key, got[key])
    for key, value in case.meta["json_outputs"].items():
        if value is not None:  # the reference leaves the ratio and channels of its filter bank unset
            assert getattr(pretransform, key) == value


@pytest.mark.parametrize("name", golden_ids("autoencoder", "pre_"))
def test_autoencoders_behind_them_match_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("autoencoder", name)
    model = create_model_from_config(case.meta["config"]).eval()
    save_file(case.weights, tmp_path / "weights.safetensors")
    load_checkpoint(model, tmp_path / "weights.safetensors")
    with torch.inference_mode():
        latents, info = model.encode(case.inputs["audio"], return_info=True)
        decoded, reconstruction = model.decode(case.inputs["decode_input"]), model.decode(latents)
    got = {"latents": latents, "decoded": decoded, "reconstruction": reconstruction, **info}
    for key in case.outputs:
        case.assert_close(key, got[key.removeprefix("info.")])
