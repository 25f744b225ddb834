# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .samplers import flow, k_diffusion, k_dpm_adaptive, k_dpm_fast, k_sde, v_ddim

if TYPE_CHECKING:
    SamplerConfig = TypeAliasType(
        "SamplerConfig",
        Annotated[
            k_diffusion.KDiffusionSamplerConfig | k_sde.KSDESamplerConfig | k_dpm_fast.KDPMFastSamplerConfig | k_dpm_adaptive.KDPMAdaptiveSamplerConfig | v_ddim.VDDIMSamplerConfig | flow.FlowSamplerConfig,
            Field(discriminator='type', title='SamplerConfig'),
        ],
    )
else:
    SamplerConfig = TypeAliasType(
        'SamplerConfig',
        Annotated[Any, Tagged('type', {
            'k-heun': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-lms': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpm-2': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'dpmpp-2m': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpmpp-2s-ancestral': 'samplers.k_sde:KSDESamplerConfig',
            'dpmpp-2m-sde': 'samplers.k_sde:KSDESamplerConfig',
            'dpmpp-3m-sde': 'samplers.k_sde:KSDESamplerConfig',
            'k-dpm-fast': 'samplers.k_dpm_fast:KDPMFastSamplerConfig',
            'k-dpm-adaptive': 'samplers.k_dpm_adaptive:KDPMAdaptiveSamplerConfig',
            'v-ddim': 'samplers.v_ddim:VDDIMSamplerConfig',
            'v-ddim-cfgpp': 'samplers.v_ddim:VDDIMSamplerConfig',
            'euler': 'samplers.flow:FlowSamplerConfig',
            'heun': 'samplers.flow:FlowSamplerConfig',
            'rk4': 'samplers.flow:FlowSamplerConfig',
            'dpmpp': 'samplers.flow:FlowSamplerConfig',
            'pingpong': 'samplers.flow:FlowSamplerConfig',
        })],
    )
"""
Sampler, by `type`.
"""
