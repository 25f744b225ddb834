"""The entry points of other libraries, as thin functions over this one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.models.compat.sampling import (
        sample,
        sample_discrete_euler,
        sample_flow_dpmpp,
        sample_flow_pingpong,
        sample_k,
        sample_rf,
        sample_rk4,
    )
    from narrows.models.compat.schedules import (
        DistributionShift,
        alpha_sigma_to_t,
        build_mask,
        get_alphas_sigmas,
        get_bmask,
        get_sigmas_polyexponential,
        sample_timesteps_logsnr,
        t_to_alpha_sigma,
        truncated_logistic_normal_rescaled,
    )
    from narrows.models.compat.stable_audio_tools import (
        generate_diffusion_cond,
        generate_diffusion_cond_inpaint,
        generate_diffusion_uncond,
    )
    from narrows.models.compat.tokens import multinomial, sample_top_k, sample_top_p

_SAMPLING = (
    "sample",
    "sample_discrete_euler",
    "sample_flow_dpmpp",
    "sample_flow_pingpong",
    "sample_k",
    "sample_rf",
    "sample_rk4",
)
_SCHEDULES = (
    "DistributionShift",
    "alpha_sigma_to_t",
    "build_mask",
    "get_alphas_sigmas",
    "get_bmask",
    "get_sigmas_polyexponential",
    "sample_timesteps_logsnr",
    "t_to_alpha_sigma",
    "truncated_logistic_normal_rescaled",
)
_GENERATION = ("generate_diffusion_cond", "generate_diffusion_cond_inpaint", "generate_diffusion_uncond")
_TOKENS = ("multinomial", "sample_top_k", "sample_top_p")
_MODULES = {
    **dict.fromkeys(_SAMPLING, "sampling"),
    **dict.fromkeys(_SCHEDULES, "schedules"),
    **dict.fromkeys(_GENERATION, "stable_audio_tools"),
    **dict.fromkeys(_TOKENS, "tokens"),
}
"""Where each name is; its module is imported when the name is first used."""

__all__ = [
    "DistributionShift",
    "alpha_sigma_to_t",
    "build_mask",
    "generate_diffusion_cond",
    "generate_diffusion_cond_inpaint",
    "generate_diffusion_uncond",
    "get_alphas_sigmas",
    "get_bmask",
    "get_sigmas_polyexponential",
    "multinomial",
    "sample",
    "sample_discrete_euler",
    "sample_flow_dpmpp",
    "sample_flow_pingpong",
    "sample_k",
    "sample_rf",
    "sample_rk4",
    "sample_timesteps_logsnr",
    "sample_top_k",
    "sample_top_p",
    "t_to_alpha_sigma",
    "truncated_logistic_normal_rescaled",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
