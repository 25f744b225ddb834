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
        snac_rvq,
        softnorm,
        split_rvq,
        tanh,
        vae,
        vector_quantize_pytorch,
        wasserstein,
    )

if TYPE_CHECKING:
    BottleneckConfig = TypeAliasType(
        "BottleneckConfig",
        Annotated[
            dac_rvq.DACRVQBottleneckConfig | dac_rvq_vae.DACRVQVAEBottleneckConfig | dithered_fsq.DitheredFSQBottleneckConfig | fsq.FSQBottleneckConfig | grouped_rvq.GroupedRVQBottleneckConfig | identity.IdentityBottleneckConfig | l2_norm.L2BottleneckConfig | lfq.LFQBottleneckConfig | residual_fsq.ResidualFSQBottleneckConfig | rvq.RVQBottleneckConfig | rvq_vae.RVQVAEBottleneckConfig | simvq.SimVQBottleneckConfig | skip.SkipBottleneckConfig | snac_rvq.SnacRVQBottleneckConfig | softnorm.SoftNormBottleneckConfig | split_rvq.SplitRVQBottleneckConfig | tanh.TanhBottleneckConfig | vae.VAEBottleneckConfig | vector_quantize_pytorch.VectorQuantizePytorchBottleneckConfig | wasserstein.WassersteinBottleneckConfig,
            Field(discriminator='type', title='BottleneckConfig'),
        ],
    )
else:
    BottleneckConfig = TypeAliasType(
        'BottleneckConfig',
        Annotated[Any, Tagged('type', {
            'dac_rvq': 'bottlenecks.dac_rvq:DACRVQBottleneckConfig',
            'dac_rvq_vae': 'bottlenecks.dac_rvq_vae:DACRVQVAEBottleneckConfig',
            'dithered_fsq': 'bottlenecks.dithered_fsq:DitheredFSQBottleneckConfig',
            'fsq': 'bottlenecks.fsq:FSQBottleneckConfig',
            'grouped_rvq': 'bottlenecks.grouped_rvq:GroupedRVQBottleneckConfig',
            'identity': 'bottlenecks.identity:IdentityBottleneckConfig',
            'l2_norm': 'bottlenecks.l2_norm:L2BottleneckConfig',
            'lfq': 'bottlenecks.lfq:LFQBottleneckConfig',
            'residual_fsq': 'bottlenecks.residual_fsq:ResidualFSQBottleneckConfig',
            'rvq': 'bottlenecks.rvq:RVQBottleneckConfig',
            'rvq_vae': 'bottlenecks.rvq_vae:RVQVAEBottleneckConfig',
            'simvq': 'bottlenecks.simvq:SimVQBottleneckConfig',
            'skip': 'bottlenecks.skip:SkipBottleneckConfig',
            'snac_rvq': 'bottlenecks.snac_rvq:SnacRVQBottleneckConfig',
            'softnorm': 'bottlenecks.softnorm:SoftNormBottleneckConfig',
            'split_rvq': 'bottlenecks.split_rvq:SplitRVQBottleneckConfig',
            'tanh': 'bottlenecks.tanh:TanhBottleneckConfig',
            'vae': 'bottlenecks.vae:VAEBottleneckConfig',
            'vector_quantize_pytorch': 'bottlenecks.vector_quantize_pytorch:VectorQuantizePytorchBottleneckConfig',
            'wasserstein': 'bottlenecks.wasserstein:WassersteinBottleneckConfig',
        })],
    )
"""
The narrow passage between encoder and decoder, by `type`.
"""
