# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dac_rvq import DACRVQBottleneckConfig, DACRVQBottleneckOptions
if TYPE_CHECKING:
    from .dac_rvq_vae import DACRVQVAEBottleneckConfig, DACRVQVAEBottleneckOptions
if TYPE_CHECKING:
    from .dithered_fsq import DitheredFSQBottleneckConfig, DitheredFSQBottleneckOptions
if TYPE_CHECKING:
    from .fsq import FSQBottleneckConfig, FSQBottleneckOptions
if TYPE_CHECKING:
    from .grouped_rvq import GroupedRVQBottleneckConfig, GroupedRVQBottleneckOptions
if TYPE_CHECKING:
    from .identity import IdentityBottleneckConfig, IdentityBottleneckOptions
if TYPE_CHECKING:
    from .l2_norm import L2BottleneckConfig, L2BottleneckOptions
if TYPE_CHECKING:
    from .lfq import LFQBottleneckConfig, LFQBottleneckOptions
if TYPE_CHECKING:
    from .residual_fsq import ResidualFSQBottleneckConfig, ResidualFSQBottleneckOptions
if TYPE_CHECKING:
    from .rvq import RVQBottleneckConfig, RVQBottleneckOptions
if TYPE_CHECKING:
    from .rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
if TYPE_CHECKING:
    from .simvq import SimVQBottleneckConfig, SimVQBottleneckOptions
if TYPE_CHECKING:
    from .skip import SkipBottleneckConfig, SkipBottleneckOptions
if TYPE_CHECKING:
    from .snac_rvq import SnacRVQBottleneckConfig, SnacRVQBottleneckOptions
if TYPE_CHECKING:
    from .softnorm import SoftNormBottleneckConfig, SoftNormBottleneckOptions
if TYPE_CHECKING:
    from .split_rvq import SplitRVQBottleneckConfig, SplitRVQBottleneckOptions
if TYPE_CHECKING:
    from .tanh import TanhBottleneckConfig, TanhBottleneckOptions
if TYPE_CHECKING:
    from .vae import VAEBottleneckConfig, VAEBottleneckOptions
if TYPE_CHECKING:
    from .vector_quantize_pytorch import VectorQuantizePytorchBottleneckConfig
if TYPE_CHECKING:
    from .wasserstein import WassersteinBottleneckConfig, WassersteinBottleneckOptions

__all__ = [
    "DACRVQBottleneckConfig",
    "DACRVQBottleneckOptions",
    "DACRVQVAEBottleneckConfig",
    "DACRVQVAEBottleneckOptions",
    "DitheredFSQBottleneckConfig",
    "DitheredFSQBottleneckOptions",
    "FSQBottleneckConfig",
    "FSQBottleneckOptions",
    "GroupedRVQBottleneckConfig",
    "GroupedRVQBottleneckOptions",
    "IdentityBottleneckConfig",
    "IdentityBottleneckOptions",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "LFQBottleneckConfig",
    "LFQBottleneckOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "ResidualFSQBottleneckConfig",
    "ResidualFSQBottleneckOptions",
    "SimVQBottleneckConfig",
    "SimVQBottleneckOptions",
    "SkipBottleneckConfig",
    "SkipBottleneckOptions",
    "SnacRVQBottleneckConfig",
    "SnacRVQBottleneckOptions",
    "SoftNormBottleneckConfig",
    "SoftNormBottleneckOptions",
    "SplitRVQBottleneckConfig",
    "SplitRVQBottleneckOptions",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "VectorQuantizePytorchBottleneckConfig",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
]

_PLACES = {
    'DACRVQBottleneckConfig': 'dac_rvq',
    'DACRVQBottleneckOptions': 'dac_rvq',
    'DACRVQVAEBottleneckConfig': 'dac_rvq_vae',
    'DACRVQVAEBottleneckOptions': 'dac_rvq_vae',
    'DitheredFSQBottleneckConfig': 'dithered_fsq',
    'DitheredFSQBottleneckOptions': 'dithered_fsq',
    'FSQBottleneckConfig': 'fsq',
    'FSQBottleneckOptions': 'fsq',
    'GroupedRVQBottleneckConfig': 'grouped_rvq',
    'GroupedRVQBottleneckOptions': 'grouped_rvq',
    'IdentityBottleneckConfig': 'identity',
    'IdentityBottleneckOptions': 'identity',
    'L2BottleneckConfig': 'l2_norm',
    'L2BottleneckOptions': 'l2_norm',
    'LFQBottleneckConfig': 'lfq',
    'LFQBottleneckOptions': 'lfq',
    'ResidualFSQBottleneckConfig': 'residual_fsq',
    'ResidualFSQBottleneckOptions': 'residual_fsq',
    'RVQBottleneckConfig': 'rvq',
    'RVQBottleneckOptions': 'rvq',
    'RVQVAEBottleneckConfig': 'rvq_vae',
    'RVQVAEBottleneckOptions': 'rvq_vae',
    'SimVQBottleneckConfig': 'simvq',
    'SimVQBottleneckOptions': 'simvq',
    'SkipBottleneckConfig': 'skip',
    'SkipBottleneckOptions': 'skip',
    'SnacRVQBottleneckConfig': 'snac_rvq',
    'SnacRVQBottleneckOptions': 'snac_rvq',
    'SoftNormBottleneckConfig': 'softnorm',
    'SoftNormBottleneckOptions': 'softnorm',
    'SplitRVQBottleneckConfig': 'split_rvq',
    'SplitRVQBottleneckOptions': 'split_rvq',
    'TanhBottleneckConfig': 'tanh',
    'TanhBottleneckOptions': 'tanh',
    'VAEBottleneckConfig': 'vae',
    'VAEBottleneckOptions': 'vae',
    'VectorQuantizePytorchBottleneckConfig': 'vector_quantize_pytorch',
    'WassersteinBottleneckConfig': 'wasserstein',
    'WassersteinBottleneckOptions': 'wasserstein',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

