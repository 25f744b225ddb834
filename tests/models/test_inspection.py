"""Inspection: facts of a model without its weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.models import create_model_from_config
from narrows.models.inspection import inspect_model


def config(bottleneck: dict[str, Any] | None = None, encoder_out: int = 8, **top: Any) -> dict[str, Any]:
    shape = {"channels": 8, "c_mults": [1, 2], "strides": [2, 4]}
    model: dict[str, Any] = {
        "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": encoder_out, **shape}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 4, **shape}},
        "bottleneck": bottleneck or {"type": "vae"},
        "latent_dim": 4,
        "downsampling_ratio": 8,
        "io_channels": 2,
    }
    return {"model_type": "autoencoder", "sample_rate": 16000, "model": model, **top}


def test_counts_and_rates_are_those_of_the_model() -> None:
    facts = inspect_model(config())
    model = create_model_from_config(config())
    assert facts.parameters["total"] == sum(p.numel() for p in model.parameters())
    assert facts.parameters["encoder"] == sum(p.numel() for p in model.encoder.parameters())
    assert facts.latent_rate == 2000
    assert facts.compression == 4
    assert facts.bitrate is None


def test_layers_have_the_shapes_of_a_real_pass() -> None:
    facts = inspect_model(config(sample_size=64, training=None))
    shapes = {layer.name: layer.shape for layer in facts.layers}
    model = create_model_from_config(config())
    with torch.no_grad():
        assert shapes["encoder.layers.4"] == tuple(model.encoder(torch.zeros(1, 2, 64)).shape)
    assert shapes["decoder.layers.5"] == (1, 2, 64)
    assert sum(layer.parameters for layer in facts.layers) == facts.parameters["total"]


def test_bitrate_of_a_discrete_model() -> None:
    facts = inspect_model(config({"type": "rvq", "config": {"dim": 4, "codebook_size": 256, "num_quantizers": 3}}, 4))
    assert facts.bitrate == pytest.approx(3 * 8 * 2000 / 1000)


def test_frozen_parts_are_not_trainable() -> None:
    document = config()
    document["model"]["encoder"]["requires_grad"] = False
    facts = inspect_model(document)
    assert facts.trainable == facts.parameters["decoder"]


def test_training_memory_grows_with_the_clip() -> None:
    short, long = (inspect_model(config(sample_size=size)).training_memory for size in (8000, 16000))
    assert short is not None
    assert long is not None
    state = 16 * inspect_model(config()).parameters["total"]
    assert (long - state) == pytest.approx(2 * (short - state), rel=0.01)
