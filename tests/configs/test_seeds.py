"""The usage examples of the design documents validate and round-trip."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from narrows.configs import (
    AutoencoderTrainingConfig,
    BottleneckLossConfig,
    ConfigError,
    SpectralAutoencoderOptions,
    load_config,
    load_part,
)

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


def block(heading: str) -> str:
    """The first code block below a heading, in any of the documents."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared/seeds, which is not there")
    for path in sorted(SEEDS.glob("*.txt")):
        _, found, rest = path.read_text(encoding="utf-8").partition(f"### {heading}\n")
        if found:
            match = re.search(r"```\w+\n(.*?)```", rest, re.DOTALL)
            assert match
            return match.group(1)
    raise AssertionError(heading)


def round_trips(config: Any, load: Any) -> None:
    dumped = config.model_dump(mode="json")
    assert load(dumped) == config
    assert load(json.loads(json.dumps(dumped))).model_dump(mode="json") == dumped


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Simple Bottlenecks", "bottleneck"),
        ("Vector Quantization", "bottleneck"),
        ("DAC Quantization", "bottleneck"),
        ("4. Dataset Configuration is Simple", "dataset"),
    ],
)
def test_components(heading: str, kind: str) -> None:
    document = json.loads(block(heading))
    round_trips(load_config(document, kind), lambda d: load_config(d, kind))


def test_model_file() -> None:
    document = json.loads(block("Autoencoder Model Config"))
    config = load_config(document)
    round_trips(config, load_config)
    assert config.audio_channels == 2
    assert config.model.bottleneck.config.model_dump() == {}


@pytest.mark.parametrize(
    "heading",
    [
        "VAE Autoencoder Loss Configuration",
        "DAC RVQ VAE Loss Configuration",
        "Wasserstein Autoencoder Loss Configuration",
    ],
)
def test_loss_fragments(heading: str) -> None:
    fragment = json.loads(block(heading))["bottleneck"]
    round_trips(load_part(fragment, BottleneckLossConfig), lambda d: load_part(d, BottleneckLossConfig))


def test_complete_training_section_with_its_shorthands() -> None:
    training = json.loads(block("Complete Autoencoder Training Configuration"))["training"]
    config = load_part(training, AutoencoderTrainingConfig)
    round_trips(config, lambda d: load_part(d, AutoencoderTrainingConfig))
    losses = config.loss_configs
    assert losses.bottleneck.weights.kl == 1e-5
    assert losses.time is not None
    assert losses.time.weights.l2 == 1.0
    assert losses.discriminator is not None
    assert (losses.discriminator.type, losses.discriminator.weights.adversarial) == ("encodec", 0.1)
    training["loss_configs"]["time"] = {"weights": {"l1": 1.0}}
    with pytest.raises(ConfigError, match="reconstruction is short for"):
        load_part(training, AutoencoderTrainingConfig)


def test_pre_transform_by_class() -> None:
    part = yaml.safe_load(block("Pre/Post Transforms"))["pre_transform"]
    part["kwargs"]["epsilon"] = float(part["kwargs"]["epsilon"])  # YAML 1.1 takes 1e-4 for text; ours does not
    model = {"stft": {"n_fft": 64, "hop_length": 16}, "encoder": {"type": "seanet2d"}, "decoder": {"type": "seanet2d"}}
    options = SpectralAutoencoderOptions.model_validate({**model, "pre_transform": part})
    assert options.pre_transform.kwargs.epsilon == 1e-4  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="Input should be"):
        SpectralAutoencoderOptions.model_validate({**model, "pre_transform": {"class": "os.system"}})


DEFAULTS = {
    "rvq": {"dim": 128, "codebook_size": 1024, "num_quantizers": 8, "decay": 0.99, "kmeans_init": True,
            "kmeans_iters": 50, "threshold_ema_dead_code": 2},
    "tanh": {"scale": 1.0},
    "wasserstein": {"noise_augment_dim": 0, "bypass_mmd": False, "use_tanh": False, "tanh_scale": 5.0},
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_of_the_tables(name: str) -> None:
    options = load_config({"type": name}, "bottleneck").config.model_dump()
    assert {key: options[key] for key in DEFAULTS[name]} == DEFAULTS[name]
