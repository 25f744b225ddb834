"""Without `loss_configs` an autoencoder trains with the losses that stable-audio-tools has built in."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import compare_validators
import pytest

from narrows.configs import check_config, load_config
from narrows.configs._shorthands import SCALES

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "corpus/autoencoder.json").read_text()) | {
    "sample_size": 65536,
    "training": {"learning_rate": 1e-4},
}


@pytest.mark.parametrize("written", [{}, {"loss_configs": None}], ids=["left out", "null"])
def test_losses_are_those_of_the_reference(written: dict[str, Any]) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["training"].update(written)
    assert check_config(document) == []
    assert compare_validators.validators()["model"].is_valid(document)
    config = load_config(document)
    losses = config.training.loss_configs
    assert losses.spectral.config.fft_sizes == list(SCALES)
    assert losses.spectral.config.hop_sizes == [512, 256, 128, 64, 32, 16, 8]
    assert losses.spectral.config.perceptual_weighting
    assert losses.spectral.weights.mrstft == 1.0
    assert losses.time.weights.l1 == 0.0
    assert losses.discriminator.config.filters == 32
    assert losses.discriminator.config.n_ffts == list(SCALES)
    assert losses.discriminator.weights.adversarial == 0.1
    assert losses.discriminator.weights.feature_matching == 5.0
    assert losses.mrmel is None
    assert load_config(config.model_dump(mode="json")) == config


def test_empty_losses_are_none() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["training"]["loss_configs"] = {}
    assert [problem.rule for problem in check_config(document)] == ["something_is_reconstructed"]
