# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .demo import DemoConfig
if TYPE_CHECKING:
    from .diffusion_autoencoder import (
        DiffusionAutoencoderLossConfigs,
        DiffusionAutoencoderOptimizerConfigs,
        DiffusionAutoencoderTrainingConfig,
    )
if TYPE_CHECKING:
    from .diffusion_cond_demo import (
        CondDisplayConfig,
        CondDisplayOptions,
        DiffusionCondDemoConfig,
    )
if TYPE_CHECKING:
    from .diffusion_uncond import (
        DiffusionUncondOptimizerConfigs,
        DiffusionUncondTrainingConfig,
    )
if TYPE_CHECKING:
    from .diffusion_uncond_demo import DiffusionUncondDemoConfig
if TYPE_CHECKING:
    from .hyperencoder import (
        HyperencoderLossConfigs,
        HyperencoderOptimizerConfigs,
        HyperencoderTrainingConfig,
        LatentDistanceConfig,
        LatentDistanceWeights,
    )
if TYPE_CHECKING:
    from .latent_augmentation import LatentAugmentationConfig
if TYPE_CHECKING:
    from .lm import LMOptimizerConfigs, LMTrainingConfig
if TYPE_CHECKING:
    from .lm_demo import LMDemoConfig
if TYPE_CHECKING:
    from .optimizer_pair import OptimizerPairConfig
if TYPE_CHECKING:
    from .post_hoc_ema import PostHocEMAConfig
if TYPE_CHECKING:
    from .spectral_autoencoder import (
        SpectralAutoencoderOptimizerConfigs,
        SpectralAutoencoderTrainingConfig,
    )

__all__ = [
    "CondDisplayConfig",
    "CondDisplayOptions",
    "DemoConfig",
    "DiffusionAutoencoderLossConfigs",
    "DiffusionAutoencoderOptimizerConfigs",
    "DiffusionAutoencoderTrainingConfig",
    "DiffusionCondDemoConfig",
    "DiffusionUncondDemoConfig",
    "DiffusionUncondOptimizerConfigs",
    "DiffusionUncondTrainingConfig",
    "HyperencoderLossConfigs",
    "HyperencoderOptimizerConfigs",
    "HyperencoderTrainingConfig",
    "LMDemoConfig",
    "LMOptimizerConfigs",
    "LMTrainingConfig",
    "LatentAugmentationConfig",
    "LatentDistanceConfig",
    "LatentDistanceWeights",
    "OptimizerPairConfig",
    "PostHocEMAConfig",
    "SpectralAutoencoderOptimizerConfigs",
    "SpectralAutoencoderTrainingConfig",
]

_PLACES = {
    'DemoConfig': 'demo',
    'DiffusionAutoencoderLossConfigs': 'diffusion_autoencoder',
    'DiffusionAutoencoderOptimizerConfigs': 'diffusion_autoencoder',
    'DiffusionAutoencoderTrainingConfig': 'diffusion_autoencoder',
    'CondDisplayConfig': 'diffusion_cond_demo',
    'CondDisplayOptions': 'diffusion_cond_demo',
    'DiffusionCondDemoConfig': 'diffusion_cond_demo',
    'DiffusionUncondOptimizerConfigs': 'diffusion_uncond',
    'DiffusionUncondTrainingConfig': 'diffusion_uncond',
    'DiffusionUncondDemoConfig': 'diffusion_uncond_demo',
    'HyperencoderLossConfigs': 'hyperencoder',
    'HyperencoderOptimizerConfigs': 'hyperencoder',
    'HyperencoderTrainingConfig': 'hyperencoder',
    'LatentDistanceConfig': 'hyperencoder',
    'LatentDistanceWeights': 'hyperencoder',
    'LatentAugmentationConfig': 'latent_augmentation',
    'LMOptimizerConfigs': 'lm',
    'LMTrainingConfig': 'lm',
    'LMDemoConfig': 'lm_demo',
    'OptimizerPairConfig': 'optimizer_pair',
    'PostHocEMAConfig': 'post_hoc_ema',
    'SpectralAutoencoderOptimizerConfigs': 'spectral_autoencoder',
    'SpectralAutoencoderTrainingConfig': 'spectral_autoencoder',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

