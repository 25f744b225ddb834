# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .library_quantizers import (
        fsp,
        fsq,
        grouped_residual_fsq,
        grouped_residual_lfq,
        grouped_residual_vq,
        latent_quantize,
        lfq,
        random_projection_quantizer,
        residual_fsq,
        residual_lfq,
        residual_sim_vq,
        residual_vq,
        sim_vq,
        vector_quantize,
    )

if TYPE_CHECKING:
    LibraryQuantizerConfig = TypeAliasType(
        "LibraryQuantizerConfig",
        Annotated[
            vector_quantize.LibraryVectorQuantizeOptions | residual_vq.LibraryResidualVQOptions | grouped_residual_vq.LibraryGroupedResidualVQOptions | random_projection_quantizer.LibraryRandomProjectionQuantizerOptions | fsq.LibraryFSQOptions | residual_fsq.LibraryResidualFSQOptions | grouped_residual_fsq.LibraryGroupedResidualFSQOptions | lfq.LibraryLFQOptions | residual_lfq.LibraryResidualLFQOptions | grouped_residual_lfq.LibraryGroupedResidualLFQOptions | latent_quantize.LibraryLatentQuantizeOptions | sim_vq.LibrarySimVQOptions | residual_sim_vq.LibraryResidualSimVQOptions | fsp.LibraryFSPOptions,
            Field(discriminator='quantizer', title='LibraryQuantizerConfig'),
        ],
    )
else:
    LibraryQuantizerConfig = TypeAliasType(
        'LibraryQuantizerConfig',
        Annotated[Any, Tagged('quantizer', {
            'VectorQuantize': 'library_quantizers.vector_quantize:LibraryVectorQuantizeOptions',
            'ResidualVQ': 'library_quantizers.residual_vq:LibraryResidualVQOptions',
            'GroupedResidualVQ': 'library_quantizers.grouped_residual_vq:LibraryGroupedResidualVQOptions',
            'RandomProjectionQuantizer': 'library_quantizers.random_projection_quantizer:LibraryRandomProjectionQuantizerOptions',
            'FSQ': 'library_quantizers.fsq:LibraryFSQOptions',
            'ResidualFSQ': 'library_quantizers.residual_fsq:LibraryResidualFSQOptions',
            'GroupedResidualFSQ': 'library_quantizers.grouped_residual_fsq:LibraryGroupedResidualFSQOptions',
            'LFQ': 'library_quantizers.lfq:LibraryLFQOptions',
            'ResidualLFQ': 'library_quantizers.residual_lfq:LibraryResidualLFQOptions',
            'GroupedResidualLFQ': 'library_quantizers.grouped_residual_lfq:LibraryGroupedResidualLFQOptions',
            'LatentQuantize': 'library_quantizers.latent_quantize:LibraryLatentQuantizeOptions',
            'SimVQ': 'library_quantizers.sim_vq:LibrarySimVQOptions',
            'ResidualSimVQ': 'library_quantizers.residual_sim_vq:LibraryResidualSimVQOptions',
            'FSP': 'library_quantizers.fsp:LibraryFSPOptions',
        })],
    )
"""
Quantizer of vector-quantize-pytorch with its options, by `quantizer`.
"""
