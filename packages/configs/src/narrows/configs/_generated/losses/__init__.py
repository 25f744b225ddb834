# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adversarial_weights import AdversarialWeights
if TYPE_CHECKING:
    from .autoencoder import (
        AdversarialShorthand,
        AutoencoderLossConfigs,
        ReconstructionShorthand,
    )
if TYPE_CHECKING:
    from .bottleneck import BottleneckLossConfig, BottleneckLossWeights
if TYPE_CHECKING:
    from .evaluation import (
        EvaluationLossConfigs,
        MelMetricOptions,
        PesqMetricOptions,
        SisdrMetricOptions,
        StftMetricOptions,
    )
if TYPE_CHECKING:
    from .hubert import SemanticLossConfig, SemanticLossOptions, SemanticLossWeights
if TYPE_CHECKING:
    from .latents import LatentLossConfig, LatentLossWeights
if TYPE_CHECKING:
    from .mrmel import MelLossConfig, MelLossOptions, MelLossWeights
if TYPE_CHECKING:
    from .pretransform import PretransformLossConfig, PretransformLossWeights
if TYPE_CHECKING:
    from .spectral import SpectralLossConfig, SpectralLossOptions, SpectralLossWeights
if TYPE_CHECKING:
    from .spectral_autoencoder import SpectralAutoencoderLossConfigs
if TYPE_CHECKING:
    from .spectrogram import (
        AurallossConfig,
        ComplexSTFTLossConfig,
        ComplexSTFTLossOptions,
        CosinePhaseLossConfig,
        CosinePhaseOptions,
        MagnitudeLossConfig,
        MagnitudeLossOptions,
        SpectralConvergenceLossConfig,
        SpectralConvergenceOptions,
        SpectrogramLossConfig,
        SpectrogramLossWeights,
        STFTMSELossConfig,
        STFTMSEOptions,
    )
if TYPE_CHECKING:
    from .time import TimeLossConfig, TimeLossOptions, TimeLossWeights

__all__ = [
    "AdversarialShorthand",
    "AdversarialWeights",
    "AurallossConfig",
    "AutoencoderLossConfigs",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "ComplexSTFTLossConfig",
    "ComplexSTFTLossOptions",
    "CosinePhaseLossConfig",
    "CosinePhaseOptions",
    "EvaluationLossConfigs",
    "LatentLossConfig",
    "LatentLossWeights",
    "MagnitudeLossConfig",
    "MagnitudeLossOptions",
    "MelLossConfig",
    "MelLossOptions",
    "MelLossWeights",
    "MelMetricOptions",
    "PesqMetricOptions",
    "PretransformLossConfig",
    "PretransformLossWeights",
    "ReconstructionShorthand",
    "STFTMSELossConfig",
    "STFTMSEOptions",
    "SemanticLossConfig",
    "SemanticLossOptions",
    "SemanticLossWeights",
    "SisdrMetricOptions",
    "SpectralAutoencoderLossConfigs",
    "SpectralConvergenceLossConfig",
    "SpectralConvergenceOptions",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "SpectrogramLossConfig",
    "SpectrogramLossWeights",
    "StftMetricOptions",
    "TimeLossConfig",
    "TimeLossOptions",
    "TimeLossWeights",
]

_PLACES = {
    'AdversarialWeights': 'adversarial_weights',
    'AdversarialShorthand': 'autoencoder',
    'AutoencoderLossConfigs': 'autoencoder',
    'ReconstructionShorthand': 'autoencoder',
    'BottleneckLossConfig': 'bottleneck',
    'BottleneckLossWeights': 'bottleneck',
    'EvaluationLossConfigs': 'evaluation',
    'MelMetricOptions': 'evaluation',
    'PesqMetricOptions': 'evaluation',
    'SisdrMetricOptions': 'evaluation',
    'StftMetricOptions': 'evaluation',
    'SemanticLossConfig': 'hubert',
    'SemanticLossOptions': 'hubert',
    'SemanticLossWeights': 'hubert',
    'LatentLossConfig': 'latents',
    'LatentLossWeights': 'latents',
    'MelLossConfig': 'mrmel',
    'MelLossOptions': 'mrmel',
    'MelLossWeights': 'mrmel',
    'PretransformLossConfig': 'pretransform',
    'PretransformLossWeights': 'pretransform',
    'SpectralLossConfig': 'spectral',
    'SpectralLossOptions': 'spectral',
    'SpectralLossWeights': 'spectral',
    'SpectralAutoencoderLossConfigs': 'spectral_autoencoder',
    'AurallossConfig': 'spectrogram',
    'ComplexSTFTLossConfig': 'spectrogram',
    'ComplexSTFTLossOptions': 'spectrogram',
    'CosinePhaseLossConfig': 'spectrogram',
    'CosinePhaseOptions': 'spectrogram',
    'MagnitudeLossConfig': 'spectrogram',
    'MagnitudeLossOptions': 'spectrogram',
    'SpectralConvergenceLossConfig': 'spectrogram',
    'SpectralConvergenceOptions': 'spectrogram',
    'SpectrogramLossConfig': 'spectrogram',
    'SpectrogramLossWeights': 'spectrogram',
    'STFTMSELossConfig': 'spectrogram',
    'STFTMSEOptions': 'spectrogram',
    'TimeLossConfig': 'time',
    'TimeLossOptions': 'time',
    'TimeLossWeights': 'time',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

