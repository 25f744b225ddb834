"""How a diffusion model is trained: the options of its section, and what follows from its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from narrows.configs import DiffusionCondTrainingConfig, DiffusionUncondConfig
from narrows.models.diffusion.reference import is_stable_audio_3
from narrows.training.generative.regions import RegionRules

UNCONDITIONAL = ("learning_rate", "pre_encoded", "use_ema", "ema_decay", "post_hoc_ema", "clip_grad_norm")
"""Options that the training of unconditional models has as well."""


@dataclass(frozen=True)
class DiffusionRecipe:
    """How a diffusion model is trained."""

    options: DiffusionCondTrainingConfig
    rules: RegionRules

    def describe(self, model: Any) -> str:
        """One line."""
        options = self.options
        times = "times spread evenly" if options.timestep_sampler == "uniform" else f"times {options.timestep_sampler}"
        parts = [f"diffusion ({model.diffusion_objective}): squared error of the velocity", times]
        if model.conditioner is not None:
            parts.append(f"conditions left out in {options.cfg_dropout_prob:.0%} of the items")
        if options.p_one_shot:
            parts.append(f"{options.p_one_shot:.0%} at pure noise")
        if options.loss_weighting != "none":
            parts.append(f"weighting {options.loss_weighting}")
        if options.loss_normalization != "none":
            parts.append(f"divided by the spread of the target a {options.loss_normalization}")
        if options.ot_coupling:
            parts.append("noise paired by optimal transport")
        if options.inpainting is not None:
            parts.append("masks to fill in")
        return ", ".join(parts)


def recipe_of(config: Any) -> DiffusionRecipe:
    """The recipe of a typed model file with a `training` section."""
    if isinstance(config, DiffusionUncondConfig):
        return _unconditional(config)
    options: DiffusionCondTrainingConfig = config.training
    newer = is_stable_audio_3(config.model)
    weight = options.mask_loss_weight
    rules = RegionRules(
        masked_attention=config.model.diffusion.mask_padding_attention or options.mask_padding_attention,
        padding_apart=newer,
        other_weight=(0.0 if newer else 1.0) if weight is None else weight,
        by_item=newer,
    )
    return DiffusionRecipe(options, rules)


def _unconditional(config: DiffusionUncondConfig) -> DiffusionRecipe:
    assert config.training is not None
    given = {name: getattr(config.training, name) for name in UNCONDITIONAL}
    pairs = config.training.optimizer_configs
    if pairs is not None:
        given["optimizer_configs"] = {"diffusion": pairs.diffusion.model_dump(exclude_unset=True)}
    options = DiffusionCondTrainingConfig(**given, cfg_dropout_prob=0.0)
    return DiffusionRecipe(options, RegionRules(False, False, 1.0, by_item=False))
