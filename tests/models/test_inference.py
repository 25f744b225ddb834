"""Preparing for inference: the same results, faster, and the same identity."""

from __future__ import annotations

import copy

import pytest
import torch

from narrows.models import create_model_from_config, save_model
from narrows.models.checkpoints import load_model
from narrows.models.codec import model_hash
from narrows.models.inference import fold_weight_norm, prepare_for_inference

SHAPE = {"channels": 8, "c_mults": [1, 2], "strides": [2, 4], "use_snake": True}
CONFIG = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 4, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 4, **SHAPE}},
        "latent_dim": 4,
        "downsampling_ratio": 8,
        "io_channels": 2,
    },
}


@pytest.fixture
def model() -> torch.nn.Module:
    torch.manual_seed(0)
    return create_model_from_config(CONFIG).eval()


def test_folding_changes_no_result(model: torch.nn.Module) -> None:
    audio = torch.randn(2, 2, 256)
    with torch.inference_mode():
        before = model(audio)
    prepared = prepare_for_inference(model)
    with torch.inference_mode():
        after = model(audio)
    assert prepared.folded == 32
    assert not any("parametrizations" in name for name, _ in model.named_parameters())
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


def test_bfloat16_stays_close(model: torch.nn.Module) -> None:
    audio = torch.randn(2, 2, 256)
    with torch.inference_mode():
        exact = model(audio)
        prepare_for_inference(model, torch.bfloat16)
        rounded = model(audio.bfloat16()).float()
    error = (rounded - exact).square().mean() / exact.square().mean()
    assert -10 * error.log10() > 30, "signal to noise, in dB"


def test_the_identity_survives(model: torch.nn.Module) -> None:
    before = model_hash(model)
    prepare_for_inference(model, torch.bfloat16)
    assert model_hash(model) == before
    other = create_model_from_config(CONFIG)
    assert model_hash(other) != before


def test_folded_weights_still_load(model: torch.nn.Module, tmp_path: object) -> None:
    audio = torch.randn(1, 2, 64)
    folded = copy.deepcopy(model)
    fold_weight_norm(folded)
    folded.config = model.config
    assert not hasattr(folded.encoder.layers[0], "parametrizations")
    save_model(folded, f"{tmp_path}/folded")
    with torch.inference_mode():
        torch.testing.assert_close(load_model(f"{tmp_path}/folded")(audio), model(audio), atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_compiled_results_are_the_same(model: torch.nn.Module) -> None:
    audio = torch.randn(1, 2, 256)
    with torch.inference_mode():
        before = model(audio)
        prepare_for_inference(model, compile=True)
        torch.testing.assert_close(model(audio), before, atol=1e-5, rtol=1e-4)
