"""Whose document a configuration is: a guidance scale means one thing in Stable Audio 3, another before."""

from __future__ import annotations

from typing import Any

BLOCK = {
    "local_add_cond_ids",
    "modular_local_cond_configs",
    "mask_padding_attention",
    "use_effective_length_for_schedule",
    "sampling_distribution_shift_options",
}
BACKBONE = {
    "timestep_features_type",
    "timestep_features_dim",
    "timestep_features_logsnr",
    "local_add_cond_dim",
    "cross_attn_rotary_pos_emb",
    "norm_type",
}
SHIFTS = {"flux", "logsnr", "none"}


def is_stable_audio_3(model: Any) -> bool:
    """Whether the `model` of a conditional document has options or parts that only Stable Audio 3 reads."""
    diffusion, options = model.diffusion, model.diffusion.config
    if diffusion.model_fields_set & BLOCK or (diffusion.type == "dit" and options.model_fields_set & BACKBONE):
        return True
    shift = diffusion.distribution_shift_options
    if shift is not None and shift.type in SHIFTS:
        return True
    conditioners = model.conditioning.configs if model.conditioning else []
    if any(conditioner.type == "t5gemma" for conditioner in conditioners):
        return True
    inner = getattr(model.pretransform, "config", None)
    encoder = getattr(inner, "encoder", None)
    return encoder is not None and encoder.type == "same"
