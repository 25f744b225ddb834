# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .bottlenecks import (
        dac_rvq,
        dac_rvq_vae,
        dithered_fsq,
        fsq,
        grouped_rvq,
        identity,
        l2_norm,
        lfq,
        residual_fsq,
        rvq,
        rvq_vae,
        simvq,
        skip,
        softnorm,
        tanh,
        vae,
        vector_quantize_pytorch,
        wasserstein,
    )

if TYPE_CHECKING:
    BottleneckConfig = TypeAliasType(
        "BottleneckConfig",
        Annotated[
            tanh.TanhBottleneckConfig | vae.VAEBottleneckConfig | rvq.RVQBottleneckConfig | dac_rvq.DACRVQBottleneckConfig | rvq_vae.RVQVAEBottleneckConfig | dac_rvq_vae.DACRVQVAEBottleneckConfig | l2_norm.L2BottleneckConfig | wasserstein.WassersteinBottleneckConfig | fsq.FSQBottleneckConfig | dithered_fsq.DitheredFSQBottleneckConfig | softnorm.SoftNormBottleneckConfig | identity.IdentityBottleneckConfig | skip.SkipBottleneckConfig | grouped_rvq.GroupedRVQBottleneckConfig | lfq.LFQBottleneckConfig | simvq.SimVQBottleneckConfig | residual_fsq.ResidualFSQBottleneckConfig | vector_quantize_pytorch.VectorQuantizePytorchBottleneckConfig,
            Field(discriminator='type', title='BottleneckConfig'),
        ],
    )
else:
    BottleneckConfig = TypeAliasType(
        'BottleneckConfig',
        Annotated[Any, Tagged('type', {
            'tanh': 'bottlenecks.tanh:TanhBottleneckConfig',
            'vae': 'bottlenecks.vae:VAEBottleneckConfig',
            'rvq': 'bottlenecks.rvq:RVQBottleneckConfig',
            'dac_rvq': 'bottlenecks.dac_rvq:DACRVQBottleneckConfig',
            'rvq_vae': 'bottlenecks.rvq_vae:RVQVAEBottleneckConfig',
            'dac_rvq_vae': 'bottlenecks.dac_rvq_vae:DACRVQVAEBottleneckConfig',
            'l2_norm': 'bottlenecks.l2_norm:L2BottleneckConfig',
            'wasserstein': 'bottlenecks.wasserstein:WassersteinBottleneckConfig',
            'fsq': 'bottlenecks.fsq:FSQBottleneckConfig',
            'dithered_fsq': 'bottlenecks.dithered_fsq:DitheredFSQBottleneckConfig',
            'softnorm': 'bottlenecks.softnorm:SoftNormBottleneckConfig',
            'identity': 'bottlenecks.identity:IdentityBottleneckConfig',
            'skip': 'bottlenecks.skip:SkipBottleneckConfig',
            'grouped_rvq': 'bottlenecks.grouped_rvq:GroupedRVQBottleneckConfig',
            'lfq': 'bottlenecks.lfq:LFQBottleneckConfig',
            'simvq': 'bottlenecks.simvq:SimVQBottleneckConfig',
            'residual_fsq': 'bottlenecks.residual_fsq:ResidualFSQBottleneckConfig',
            'vector_quantize_pytorch': 'bottlenecks.vector_quantize_pytorch:VectorQuantizePytorchBottleneckConfig',
        })],
    )
"""
The narrow passage between encoder and decoder, by `type`.
"""
