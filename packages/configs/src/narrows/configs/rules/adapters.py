"""Rules of adapters that are trained in place of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning

if TYPE_CHECKING:
    from narrows.configs._generated.adapter import LoRAConfig
    from narrows.configs._generated.experiments.train import TrainExperimentConfig
    from narrows.configs._generated.training.diffusion_cond import DiffusionCondTrainingConfig
    from narrows.configs._generated.training.lm import LMTrainingConfig


@rule
def adapters_have_a_base(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """An adapter is trained for the weights of a model: `pretrained_ckpt_path` gives them."""
    if _adapter(experiment) is not None and experiment.pretrained_ckpt_path is None:
        message = "'pretrained_ckpt_path' is required with lora_config: an adapter means nothing without its base."
        related = ("/model_config/training/lora_config",)
        yield Problem("/pretrained_ckpt_path", message, None, "Give the folder of the base.", related=related)


@rule
def adapters_are_trained_in_32_bit(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """The weights of an adapter are 32 bit; only its base may be shorter."""
    if _adapter(experiment) is not None and experiment.precision == "bf16-true":
        message = f"Precision {experiment.precision!r} would round the adapter's weights after each step."
        hint = "Write precision '32-true' or 'bf16-mixed'; training.base_precision shortens the base."
        related = ("/model_config/training/lora_config",)
        yield Problem("/precision", message, experiment.precision, hint, related=related)


@rule
def adapters_stay_whole(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Adapters are not sharded: their weights are few, and of another precision than those of their base."""
    if _adapter(experiment) is not None and experiment.strategy == "fsdp":
        message = "Strategy 'fsdp' cannot train an adapter."
        hint = "Write strategy 'ddp'; training.base_precision shortens the base."
        yield Problem("/strategy", message, "fsdp", hint, related=("/model_config/training/lora_config",))


@rule
def adapters_are_not_averaged(training: DiffusionCondTrainingConfig | LMTrainingConfig) -> Iterator[Problem]:
    """`post_hoc_ema` is of a model's weights, which stand still while an adapter is trained."""
    if training.lora_config is not None and training.post_hoc_ema is not None:
        message = "An adapter is not averaged: post_hoc_ema would keep the base."
        yield Problem("/post_hoc_ema", message, None, "Leave it out.", related=("/lora_config",))


@rule
def adapters_choose_layers(adapter: LoRAConfig) -> Iterator[Problem]:
    """`include` of an adapter is not empty."""
    if adapter.include is not None and not adapter.include:
        yield Problem("/include", "An empty list leaves no layer to adapt.", [], "Leave it out for all layers.")


@rule
def adapters_exclude_adversaries(training: DiffusionCondTrainingConfig) -> Iterator[Problem]:
    """Adversarial training is of the model, not of an adapter."""
    if training.lora_config is not None and training.arc is not None:
        message = "An adapter cannot be trained adversarially."
        yield Problem("/lora_config", message, None, "Leave out arc, or lora_config.", related=("/arc",))


@warning
def adapter_options_act(training: DiffusionCondTrainingConfig | LMTrainingConfig) -> Iterator[Problem]:
    """`base_precision` acts with `lora_config` only, `svd_bases_path` only with its `-xs` kinds."""
    adapter = training.lora_config
    if training.base_precision is not None and adapter is None:
        message, related = "base_precision has no effect without lora_config.", ("/lora_config",)
        yield Problem("/base_precision", message, training.base_precision, "Remove it.", related=related)
    if training.svd_bases_path is not None and (adapter is None or not adapter.adapter_type.endswith("-xs")):
        message, related = "svd_bases_path has no effect without an adapter_type with -xs.", ("/lora_config",)
        yield Problem("/svd_bases_path", message, training.svd_bases_path, "Remove it.", related=related)


def _adapter(experiment: TrainExperimentConfig) -> Any:
    """The `lora_config` of an experiment; None where a model is trained."""
    model: Any = experiment.model_config_
    return None if isinstance(model, str) else getattr(model.training, "lora_config", None)
