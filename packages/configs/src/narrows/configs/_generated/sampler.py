# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .samplers import flow, k_diffusion, v_ddim

if TYPE_CHECKING:
    SamplerConfig = TypeAliasType(
        "SamplerConfig",
        Annotated[
            k_diffusion.KDiffusionSamplerConfig | v_ddim.VDDIMSamplerConfig | flow.FlowSamplerConfig,
            Field(discriminator='type', title='SamplerConfig'),
        ],
    )
else:
    SamplerConfig = TypeAliasType(
        'SamplerConfig',
        Annotated[Any, Tagged('type', {
            'k-heun': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-lms': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpmpp-2s-ancestral': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpm-2': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpm-fast': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'k-dpm-adaptive': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'dpmpp-2m': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'dpmpp-2m-sde': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'dpmpp-3m-sde': 'samplers.k_diffusion:KDiffusionSamplerConfig',
            'v-ddim': 'samplers.v_ddim:VDDIMSamplerConfig',
            'v-ddim-cfgpp': 'samplers.v_ddim:VDDIMSamplerConfig',
            'euler': 'samplers.flow:FlowSamplerConfig',
            'rk4': 'samplers.flow:FlowSamplerConfig',
            'dpmpp': 'samplers.flow:FlowSamplerConfig',
            'pingpong': 'samplers.flow:FlowSamplerConfig',
        })],
    )
"""
Sampler, by `type`.
"""
