# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .bottleneck import BottleneckConfig
from .bottlenecks.dac_rvq import DACRVQBottleneckConfig, DACRVQBottleneckOptions
from .bottlenecks.dac_rvq_vae import (
    DACRVQVAEBottleneckConfig,
    DACRVQVAEBottleneckOptions,
)
from .bottlenecks.dithered_fsq import (
    DitheredFSQBottleneckConfig,
    DitheredFSQBottleneckOptions,
)
from .bottlenecks.fsq import FSQBottleneckConfig, FSQBottleneckOptions
from .bottlenecks.l2_norm import L2BottleneckConfig, L2BottleneckOptions
from .bottlenecks.rvq import RVQBottleneckConfig, RVQBottleneckOptions
from .bottlenecks.rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
from .bottlenecks.tanh import TanhBottleneckConfig, TanhBottleneckOptions
from .bottlenecks.vae import VAEBottleneckConfig, VAEBottleneckOptions
from .bottlenecks.wasserstein import (
    WassersteinBottleneckConfig,
    WassersteinBottleneckOptions,
)
from .dataset import DatasetConfig
from .datasets.audio_dir import AudioDirDatasetConfig, AudioDirEntry
from .decoder import DecoderConfig
from .decoders.oobleck import OobleckDecoderConfig, OobleckDecoderOptions
from .encoder import EncoderConfig
from .encoders.oobleck import OobleckEncoderConfig, OobleckEncoderOptions
from .experiment import ExperimentConfig
from .experiments.train import TrainExperimentConfig
from .losses.autoencoder import AutoencoderLossConfigs
from .losses.bottleneck import BottleneckLossConfig, BottleneckLossWeights
from .losses.spectral import (
    SpectralLossConfig,
    SpectralLossOptions,
    SpectralLossWeights,
)
from .losses.time import TimeLossConfig, TimeLossWeights
from .model import ModelConfig
from .models.autoencoder import AutoencoderConfig, AutoencoderOptions
from .optimizer import OptimizerConfig
from .optimizers.adam import AdamConfig, AdamOptions
from .optimizers.adamw import AdamWConfig, AdamWOptions
from .optimizers.sgd import SGDConfig, SGDOptions
from .scheduler import SchedulerConfig
from .schedulers.cosine_annealing_lr import (
    CosineAnnealingLRConfig,
    CosineAnnealingLROptions,
)
from .schedulers.exponential_lr import ExponentialLRConfig, ExponentialLROptions
from .schedulers.inverse_lr import InverseLRConfig, InverseLROptions
from .training.autoencoder import AutoencoderOptimizerConfigs, AutoencoderTrainingConfig
from .training.demo import DemoConfig
from .training.optimizer_pair import OptimizerPairConfig
from .types.decay import Decay
from .types.file_path import FilePath
from .types.level import Level
from .types.levels import Levels
from .types.name import Name
from .types.positive_int import PositiveInt
from .types.positive_ints import PositiveInts

__all__ = [
    "AdamConfig",
    "AdamOptions",
    "AdamWConfig",
    "AdamWOptions",
    "AudioDirDatasetConfig",
    "AudioDirEntry",
    "AutoencoderConfig",
    "AutoencoderLossConfigs",
    "AutoencoderOptimizerConfigs",
    "AutoencoderOptions",
    "AutoencoderTrainingConfig",
    "BottleneckConfig",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "CosineAnnealingLRConfig",
    "CosineAnnealingLROptions",
    "DACRVQBottleneckConfig",
    "DACRVQBottleneckOptions",
    "DACRVQVAEBottleneckConfig",
    "DACRVQVAEBottleneckOptions",
    "DatasetConfig",
    "Decay",
    "DecoderConfig",
    "DemoConfig",
    "DitheredFSQBottleneckConfig",
    "DitheredFSQBottleneckOptions",
    "EncoderConfig",
    "ExperimentConfig",
    "ExponentialLRConfig",
    "ExponentialLROptions",
    "FSQBottleneckConfig",
    "FSQBottleneckOptions",
    "FilePath",
    "InverseLRConfig",
    "InverseLROptions",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "Level",
    "Levels",
    "ModelConfig",
    "Name",
    "OobleckDecoderConfig",
    "OobleckDecoderOptions",
    "OobleckEncoderConfig",
    "OobleckEncoderOptions",
    "OptimizerConfig",
    "OptimizerPairConfig",
    "PositiveInt",
    "PositiveInts",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "SGDConfig",
    "SGDOptions",
    "SchedulerConfig",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "TimeLossConfig",
    "TimeLossWeights",
    "TrainExperimentConfig",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
]
