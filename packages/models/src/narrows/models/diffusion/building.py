"""Diffusion models of typed configurations."""

from __future__ import annotations

from math import prod
from typing import Any

from narrows.configs import DiffusionCondConfig, DiffusionCondInpaintConfig, DiffusionUncondConfig
from narrows.models._options import options
from narrows.models.building import build_model
from narrows.models.components import optional_pretransform
from narrows.models.conditioning import create_multi_conditioner_from_conditioning_config
from narrows.models.diffusion.backbones.adp_1d import ADP1dBackbone
from narrows.models.diffusion.backbones.adp_cfg_1d import adp_cfg_backbone
from narrows.models.diffusion.backbones.base import Backbone, halve
from narrows.models.diffusion.backbones.dau1d import dau_backbone
from narrows.models.diffusion.backbones.dit import dit_backbone
from narrows.models.diffusion.backbones.unet import network
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.diffusion.reference import is_stable_audio_3
from narrows.models.diffusion.routing import Routing

LADDER = {"type": "logsnr", "rate": 0.0, "anchor_logsnr": -6.2, "logsnr_end": 2.0}
"""The shift that Stable Audio 3 samples with where a document gives none, whatever the length."""


@build_model.register
def unconditional_model(config: DiffusionUncondConfig) -> DiffusionModel:
    """A model of a typed `diffusion_uncond` document."""
    pretransform = optional_pretransform(config.model.pretransform, config.sample_rate)
    backbone = _unconditional_backbone(config.model)
    return DiffusionModel(
        backbone,
        sample_rate=config.sample_rate,
        io_channels=backbone.io_channels,
        audio_channels=config.audio_channels,
        sample_size=config.sample_size,
        pretransform=pretransform,
    )


@build_model.register
def conditional_model(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> DiffusionModel:
    """A model of a typed `diffusion_cond` or `diffusion_cond_inpaint` document."""
    pretransform, conditioner = optional_pretransform(config.model.pretransform, config.sample_rate), None
    if config.model.conditioning is not None:
        conditioner = create_multi_conditioner_from_conditioning_config(config.model.conditioning, pretransform)
    diffusion = config.model.diffusion
    apg_scale = diffusion.apg_scale
    newer = is_stable_audio_3(config.model)
    if apg_scale is None:
        apg_scale = 1.0 if newer else 0.0
    factors = getattr(diffusion.config, "factors", ())
    return DiffusionModel(
        _conditional_backbone(diffusion),
        sample_rate=config.sample_rate,
        io_channels=config.model.io_channels,
        audio_channels=config.audio_channels,
        sample_size=config.sample_size,
        min_input_length=prod(factors) if factors else diffusion.config.patch_size,
        conditioner=conditioner,
        pretransform=pretransform,
        routing=_routing(diffusion),
        guided_conditions=diffusion.guided_conditions,
        apg_scale=apg_scale,
        mask_padding_attention=diffusion.mask_padding_attention,
        use_effective_length_for_schedule=diffusion.use_effective_length_for_schedule,
        distribution_shift=_shift(diffusion.distribution_shift_options),
        sampling_distribution_shift=_shift(diffusion.sampling_distribution_shift_options)
        or (LADDER if newer else None),
    )


def _unconditional_backbone(model: Any) -> Backbone:
    given = options(model)
    if model.type == "dit":
        given["diffusion_objective"] = None  # the reference reads past it: such a model predicts v
        backbone = dit_backbone(given, "v")
        halve(backbone)
        return backbone
    if model.type == "adp_uncond_1d":
        unet, multiple = network(given)
        return ADP1dBackbone(unet, given["in_channels"], multiple)
    return dau_backbone(given, bare=True)


def _conditional_backbone(diffusion: Any) -> Backbone:
    given, objective = options(diffusion), diffusion.diffusion_objective
    if diffusion.type == "dit":
        widths = {entry.id: entry.dim for entry in diffusion.modular_local_cond_configs}
        return dit_backbone(
            given,
            objective,
            mask_conditions=diffusion.mask_conditions,
            padding=diffusion.padding_attention,
            modular_local_cond_dims=widths,
        )
    if diffusion.type == "adp_cfg_1d":
        return adp_cfg_backbone(given, objective, diffusion.mask_conditions)
    unet, multiple = network(given)
    backbone = ADP1dBackbone(unet, given["in_channels"], multiple)
    backbone.objective = objective
    return backbone


def _routing(diffusion: Any) -> Routing:
    return Routing(
        cross=tuple(diffusion.cross_attention_cond_ids),
        prepend=tuple(diffusion.prepend_cond_ids),
        vector=tuple(diffusion.global_cond_ids),
        concat=tuple(diffusion.input_concat_ids),
        local=tuple(diffusion.local_add_cond_ids),
        modular=tuple(entry.id for entry in diffusion.modular_local_cond_configs),
    )


def _shift(config: Any) -> dict[str, Any] | None:
    return None if config is None else config.model_dump()
