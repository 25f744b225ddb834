# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fsp import LibraryFSPOptions
if TYPE_CHECKING:
    from .fsq import LibraryFSQOptions
if TYPE_CHECKING:
    from .grouped_residual_fsq import LibraryGroupedResidualFSQOptions
if TYPE_CHECKING:
    from .grouped_residual_lfq import LibraryGroupedResidualLFQOptions
if TYPE_CHECKING:
    from .grouped_residual_vq import LibraryGroupedResidualVQOptions
if TYPE_CHECKING:
    from .latent_quantize import LibraryLatentQuantizeOptions
if TYPE_CHECKING:
    from .lfq import LibraryLFQOptions
if TYPE_CHECKING:
    from .random_projection_quantizer import LibraryRandomProjectionQuantizerOptions
if TYPE_CHECKING:
    from .residual_fsq import LibraryResidualFSQOptions
if TYPE_CHECKING:
    from .residual_lfq import LibraryResidualLFQOptions
if TYPE_CHECKING:
    from .residual_sim_vq import LibraryResidualSimVQOptions
if TYPE_CHECKING:
    from .residual_vq import LibraryResidualVQOptions
if TYPE_CHECKING:
    from .sim_vq import LibrarySimVQOptions
if TYPE_CHECKING:
    from .vector_quantize import LibraryVectorQuantizeOptions

__all__ = [
    "LibraryFSPOptions",
    "LibraryFSQOptions",
    "LibraryGroupedResidualFSQOptions",
    "LibraryGroupedResidualLFQOptions",
    "LibraryGroupedResidualVQOptions",
    "LibraryLFQOptions",
    "LibraryLatentQuantizeOptions",
    "LibraryRandomProjectionQuantizerOptions",
    "LibraryResidualFSQOptions",
    "LibraryResidualLFQOptions",
    "LibraryResidualSimVQOptions",
    "LibraryResidualVQOptions",
    "LibrarySimVQOptions",
    "LibraryVectorQuantizeOptions",
]

_PLACES = {
    'LibraryFSPOptions': 'fsp',
    'LibraryFSQOptions': 'fsq',
    'LibraryGroupedResidualFSQOptions': 'grouped_residual_fsq',
    'LibraryGroupedResidualLFQOptions': 'grouped_residual_lfq',
    'LibraryGroupedResidualVQOptions': 'grouped_residual_vq',
    'LibraryLatentQuantizeOptions': 'latent_quantize',
    'LibraryLFQOptions': 'lfq',
    'LibraryRandomProjectionQuantizerOptions': 'random_projection_quantizer',
    'LibraryResidualFSQOptions': 'residual_fsq',
    'LibraryResidualLFQOptions': 'residual_lfq',
    'LibraryResidualSimVQOptions': 'residual_sim_vq',
    'LibraryResidualVQOptions': 'residual_vq',
    'LibrarySimVQOptions': 'sim_vq',
    'LibraryVectorQuantizeOptions': 'vector_quantize',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

