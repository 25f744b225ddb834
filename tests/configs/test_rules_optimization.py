"""Each rule of optimization has one mistake that it finds, at the right place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from narrows.configs import ConfigError, check_config, load_config

PART = {"channels": 4, "c_mults": [1], "strides": [4]}
MODEL: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": 8000,
    "sample_size": 256,
    "audio_channels": 1,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, "latent_dim": 4, **PART}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, "latent_dim": 4, **PART}},
        "latent_dim": 4,
        "downsampling_ratio": 4,
        "io_channels": 1,
    },
    "training": {
        "optimizer_configs": {"autoencoder": {"optimizer": {"type": "AdamW", "config": {"lr": 1e-4}}}},
        "loss_configs": {"time": {"weights": {"l1": 1.0}}},
    },
}
PAIR = "/training/optimizer_configs/autoencoder"
INVERSE = {"type": "InverseLR", "config": {"final_lr": 1e-3}}
CYCLE = {"type": "CyclicLR", "config": {"base_lr": 1e-4, "max_lr": 1e-2}}
ONE = {"type": "ConstantLR"}
WRONG: list[tuple[str, Any, str, str]] = [
    (f"{PAIR}/scheduler", INVERSE, f"{PAIR}/scheduler/config/final_lr", "above the learning rate"),
    (
        PAIR,
        {"optimizer": {"type": "SGD", "config": {"lr": 1e-4}}, "scheduler": CYCLE},
        f"{PAIR}/scheduler/config/cycle_momentum",
        "SGD has no momentum",
    ),
    (
        PAIR,
        {"optimizer": {"type": "Muon", "config": {"lr": 1e-4}}, "scheduler": CYCLE},
        f"{PAIR}/scheduler/config/cycle_momentum",
        "a momentum of each kind",
    ),
    (
        f"{PAIR}/scheduler",
        {"type": "CyclicLR", "config": {"base_lr": 1e-2, "max_lr": 1e-4}},
        f"{PAIR}/scheduler/config/base_lr",
        "lies above max_lr",
    ),
    (
        f"{PAIR}/scheduler",
        {"type": "SequentialLR", "config": {"schedulers": [ONE, ONE], "milestones": [1, 2]}},
        f"{PAIR}/scheduler/config/milestones",
        "2 schedules need 1 milestones",
    ),
    (
        f"{PAIR}/scheduler",
        {"type": "SequentialLR", "config": {"schedulers": [ONE, ONE, ONE], "milestones": [2, 2]}},
        f"{PAIR}/scheduler/config/milestones",
        "must rise",
    ),
    (f"{PAIR}/optimizer/config/fused", True, f"{PAIR}/optimizer/config/fused", "exclude each other"),
    (
        f"{PAIR}/optimizer",
        {"type": "SGD", "config": {"lr": 1e-4, "nesterov": True}},
        f"{PAIR}/optimizer/config/nesterov",
        "needs a momentum",
    ),
    (
        "/training/optimizer_configs/discriminator",
        {"optimizer": {"type": "AdamW", "config": {"lr": 1e-4}}},
        "/training/optimizer_configs/discriminator",
        "no discriminator to optimize",
    ),
    ("/training/warmup_steps", 10, "/training/warmup_steps", "no discriminator to wait for"),
    (
        "/training/encoder_freeze_on_warmup",
        True,
        "/training/encoder_freeze_on_warmup",
        "would never be trained",
    ),
    ("/training/teacher_model_ckpt", "t.ckpt", "/training/teacher_model_ckpt", "no effect without teacher_model"),
    ("/training/teacher_model", "the model", "/training/teacher_model_ckpt", "must be specified if teacher_model"),
]


def changed(pointer: str, value: Any) -> dict[str, Any]:
    config = copy.deepcopy(MODEL)
    if pointer.endswith("/fused"):
        config["training"]["optimizer_configs"]["autoencoder"]["optimizer"]["config"]["foreach"] = True
    *parents, last = pointer.split("/")[1:]
    place = config
    for key in parents:
        place = place[key]
    place[last] = {**copy.deepcopy(MODEL), "training": None} if value == "the model" else value
    return config


def test_the_model_without_a_mistake_loads() -> None:
    assert load_config(MODEL).model_type == "autoencoder"


@pytest.mark.parametrize(("pointer", "value", "where", "message"), WRONG)
def test_a_mistake_is_found_where_it_is(pointer: str, value: Any, where: str, message: str) -> None:
    problems = check_config(changed(pointer, value))
    assert [(problem.pointer, message in problem.message) for problem in problems] == [(where, True)]


def test_a_teacher_must_have_the_models_latents_and_rate() -> None:
    config = changed("/training/teacher_model", "the model")
    config["training"]["teacher_model_ckpt"] = "teacher.ckpt"
    assert load_config(config)
    config["training"]["teacher_model"]["sample_rate"] = 16000
    with pytest.raises(ConfigError, match="The teacher has sample_rate 16000, the model 8000"):
        load_config(config)


def test_mono_input_needs_a_mono_encoder() -> None:
    config = copy.deepcopy(MODEL)
    config["audio_channels"] = config["model"]["io_channels"] = 2
    config["model"]["encoder"]["config"]["in_channels"] = config["model"]["decoder"]["config"]["out_channels"] = 2
    config["training"]["force_input_mono"] = True
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    assert [problem.pointer for problem in caught.value.problems] == ["/training/force_input_mono"]


def test_a_cycle_lasts_as_long_as_the_training() -> None:
    cycle = {"type": "OneCycleLR", "config": {"max_lr": 1e-2, "total_steps": 10}}
    experiment = {
        "experiment": "train",
        "model_config": changed(f"{PAIR}/scheduler", cycle),
        "dataset_config": {"dataset_type": "audio_dir", "path": "clips"},
        "steps": 11,
    }
    with pytest.raises(ConfigError, match="ends after 10 steps but training has 11"):
        load_config(experiment)


def test_a_discriminator_keeps_weights_in_32_bit() -> None:
    model = copy.deepcopy(MODEL)
    model["training"] = {
        "learning_rate": 1e-4,
        "loss_configs": {
            "time": {"weights": {"l1": 1.0}},
            "discriminator": {"type": "oobleck", "config": {}, "weights": {"adversarial": 0.1, "feature_matching": 5}},
        },
    }
    dataset = {"dataset_type": "audio_dir", "path": "clips"}
    experiment = {"experiment": "train", "model_config": model, "dataset_config": dataset, "precision": "bf16-true"}
    with pytest.raises(ConfigError, match="must stay in 32 bit"):
        load_config(experiment)
    assert load_config({**experiment, "precision": "bf16-mixed"})
