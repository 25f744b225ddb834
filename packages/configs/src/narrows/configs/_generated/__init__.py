# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from ._internal import (
    AutoencoderConfig,
    AutoencoderOptimizerConfigs,
    AutoencoderOptions,
    AutoencoderPretransformConfig,
    AutoencoderTrainingConfig,
    PretransformConfig,
)
from ._internal_1 import (
    ChainedSchedulerConfig,
    ChainedSchedulerOptions,
    SchedulerConfig,
    SequentialLRConfig,
    SequentialLROptions,
)
from .blocks.attention import AttentionOptions
from .blocks.feed_forward import FeedForwardOptions
from .blocks.norm import NormOptions
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
from .conditional_diffusion import ConditionalDiffusionConfig
from .conditional_diffusion.adp_1d import ConditionalADP1dConfig
from .conditional_diffusion.adp_cfg_1d import ConditionalADPCFG1dConfig
from .conditional_diffusion.dit import ConditionalDiTConfig
from .dataset import DatasetConfig
from .datasets.audio_dir import AudioDirDatasetConfig, AudioDirEntry
from .decoder import DecoderConfig
from .decoders.dac import DacDecoderConfig, DacDecoderOptions
from .decoders.local_attn import LocalAttnDecoderConfig, LocalAttnDecoderOptions
from .decoders.oobleck import OobleckDecoderConfig, OobleckDecoderOptions
from .decoders.seanet import SeanetDecoderConfig, SeanetDecoderOptions
from .decoders.taae import TaaeDecoderConfig, TaaeDecoderOptions
from .diffusion import DiffusionConfig
from .diffusion.adp_1d import ADP1dConfig, ADP1dOptions
from .diffusion.adp_cfg_1d import ADPCFG1dConfig, ADPCFG1dOptions
from .diffusion.dau1d import DAU1dConfig, DAU1dOptions
from .diffusion.dit import DiTConfig, DiTOptions
from .distribution_shifts.flux import FluxShiftConfig
from .distribution_shifts.full import FullShiftConfig
from .distribution_shifts.logsnr import LogSNRShiftConfig
from .distribution_shifts.none import NoShiftConfig
from .encoder import EncoderConfig
from .encoders.dac import DacEncoderConfig, DacEncoderOptions
from .encoders.local_attn import LocalAttnEncoderConfig, LocalAttnEncoderOptions
from .encoders.oobleck import OobleckEncoderConfig, OobleckEncoderOptions
from .encoders.seanet import SeanetEncoderConfig, SeanetEncoderOptions
from .encoders.taae import TaaeEncoderConfig, TaaeEncoderOptions
from .experiment import ExperimentConfig
from .experiments.pre_encode import PreEncodeExperimentConfig
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
from .optimizer import OptimizerConfig
from .optimizers.adadelta import AdadeltaConfig, AdadeltaOptions
from .optimizers.adafactor import AdafactorConfig, AdafactorOptions
from .optimizers.adagrad import AdagradConfig, AdagradOptions
from .optimizers.adam import AdamConfig, AdamOptions
from .optimizers.adamax import AdamaxConfig, AdamaxOptions
from .optimizers.adamw import AdamWConfig, AdamWOptions
from .optimizers.asgd import ASGDConfig, ASGDOptions
from .optimizers.nadam import NAdamConfig, NAdamOptions
from .optimizers.radam import RAdamConfig, RAdamOptions
from .optimizers.rmsprop import RMSpropConfig, RMSpropOptions
from .optimizers.sgd import SGDConfig, SGDOptions
from .pretransforms.audiocraft_pretrained import (
    AudiocraftPretrainedPretransformConfig,
    AudiocraftPretrainedPretransformOptions,
)
from .pretransforms.dac_pretrained import (
    DACPretrainedPretransformConfig,
    DACPretrainedPretransformOptions,
)
from .pretransforms.patched import PatchedPretransformConfig, PatchedPretransformOptions
from .pretransforms.pqmf import PQMFPretransformConfig, PQMFPretransformOptions
from .pretransforms.wavelet import WaveletPretransformConfig, WaveletPretransformOptions
from .schedulers.constant_lr import ConstantLRConfig, ConstantLROptions
from .schedulers.cosine_annealing_lr import (
    CosineAnnealingLRConfig,
    CosineAnnealingLROptions,
)
from .schedulers.cosine_annealing_warm_restarts import (
    CosineAnnealingWarmRestartsConfig,
    CosineAnnealingWarmRestartsOptions,
)
from .schedulers.cyclic_lr import CyclicLRConfig, CyclicLROptions
from .schedulers.exponential_lr import ExponentialLRConfig, ExponentialLROptions
from .schedulers.inverse_lr import InverseLRConfig, InverseLROptions
from .schedulers.linear_lr import LinearLRConfig, LinearLROptions
from .schedulers.multi_step_lr import MultiStepLRConfig, MultiStepLROptions
from .schedulers.one_cycle_lr import OneCycleLRConfig, OneCycleLROptions
from .schedulers.polynomial_lr import PolynomialLRConfig, PolynomialLROptions
from .schedulers.step_lr import StepLRConfig, StepLROptions
from .training.demo import DemoConfig
from .training.optimizer_pair import OptimizerPairConfig
from .types.activation_params import ActivationParams
from .types.attention_window import AttentionWindow
from .types.conv_norm_params import ConvNormParams
from .types.decay import Decay
from .types.file_path import FilePath
from .types.level import Level
from .types.levels import Levels
from .types.local_condition import LocalConditionConfig
from .types.name import Name
from .types.natural import Natural
from .types.non_negative_int import NonNegativeInt
from .types.norm_type import NormType
from .types.objective import DiffusionObjective
from .types.positive_int import PositiveInt
from .types.positive_ints import PositiveInts
from .unconditional_diffusion import UnconditionalDiffusionConfig
from .unconditional_diffusion.adp_uncond_1d import ADPUncond1dConfig
from .unconditional_diffusion.dau1d import UnconditionalDAU1dConfig
from .unconditional_diffusion.dit import UnconditionalDiTConfig

__all__ = [
    "ADP1dConfig",
    "ADP1dOptions",
    "ADPCFG1dConfig",
    "ADPCFG1dOptions",
    "ADPUncond1dConfig",
    "ASGDConfig",
    "ASGDOptions",
    "ActivationParams",
    "AdadeltaConfig",
    "AdadeltaOptions",
    "AdafactorConfig",
    "AdafactorOptions",
    "AdagradConfig",
    "AdagradOptions",
    "AdamConfig",
    "AdamOptions",
    "AdamWConfig",
    "AdamWOptions",
    "AdamaxConfig",
    "AdamaxOptions",
    "AttentionOptions",
    "AttentionWindow",
    "AudioDirDatasetConfig",
    "AudioDirEntry",
    "AudiocraftPretrainedPretransformConfig",
    "AudiocraftPretrainedPretransformOptions",
    "AutoencoderConfig",
    "AutoencoderLossConfigs",
    "AutoencoderOptimizerConfigs",
    "AutoencoderOptions",
    "AutoencoderPretransformConfig",
    "AutoencoderTrainingConfig",
    "BottleneckConfig",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "ChainedSchedulerConfig",
    "ChainedSchedulerOptions",
    "ConditionalADP1dConfig",
    "ConditionalADPCFG1dConfig",
    "ConditionalDiTConfig",
    "ConditionalDiffusionConfig",
    "ConstantLRConfig",
    "ConstantLROptions",
    "ConvNormParams",
    "CosineAnnealingLRConfig",
    "CosineAnnealingLROptions",
    "CosineAnnealingWarmRestartsConfig",
    "CosineAnnealingWarmRestartsOptions",
    "CyclicLRConfig",
    "CyclicLROptions",
    "DACPretrainedPretransformConfig",
    "DACPretrainedPretransformOptions",
    "DACRVQBottleneckConfig",
    "DACRVQBottleneckOptions",
    "DACRVQVAEBottleneckConfig",
    "DACRVQVAEBottleneckOptions",
    "DAU1dConfig",
    "DAU1dOptions",
    "DacDecoderConfig",
    "DacDecoderOptions",
    "DacEncoderConfig",
    "DacEncoderOptions",
    "DatasetConfig",
    "Decay",
    "DecoderConfig",
    "DemoConfig",
    "DiTConfig",
    "DiTOptions",
    "DiffusionConfig",
    "DiffusionObjective",
    "DitheredFSQBottleneckConfig",
    "DitheredFSQBottleneckOptions",
    "EncoderConfig",
    "ExperimentConfig",
    "ExponentialLRConfig",
    "ExponentialLROptions",
    "FSQBottleneckConfig",
    "FSQBottleneckOptions",
    "FeedForwardOptions",
    "FilePath",
    "FluxShiftConfig",
    "FullShiftConfig",
    "InverseLRConfig",
    "InverseLROptions",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "Level",
    "Levels",
    "LinearLRConfig",
    "LinearLROptions",
    "LocalAttnDecoderConfig",
    "LocalAttnDecoderOptions",
    "LocalAttnEncoderConfig",
    "LocalAttnEncoderOptions",
    "LocalConditionConfig",
    "LogSNRShiftConfig",
    "ModelConfig",
    "MultiStepLRConfig",
    "MultiStepLROptions",
    "NAdamConfig",
    "NAdamOptions",
    "Name",
    "Natural",
    "NoShiftConfig",
    "NonNegativeInt",
    "NormOptions",
    "NormType",
    "OneCycleLRConfig",
    "OneCycleLROptions",
    "OobleckDecoderConfig",
    "OobleckDecoderOptions",
    "OobleckEncoderConfig",
    "OobleckEncoderOptions",
    "OptimizerConfig",
    "OptimizerPairConfig",
    "PQMFPretransformConfig",
    "PQMFPretransformOptions",
    "PatchedPretransformConfig",
    "PatchedPretransformOptions",
    "PolynomialLRConfig",
    "PolynomialLROptions",
    "PositiveInt",
    "PositiveInts",
    "PreEncodeExperimentConfig",
    "PretransformConfig",
    "RAdamConfig",
    "RAdamOptions",
    "RMSpropConfig",
    "RMSpropOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "SGDConfig",
    "SGDOptions",
    "SchedulerConfig",
    "SeanetDecoderConfig",
    "SeanetDecoderOptions",
    "SeanetEncoderConfig",
    "SeanetEncoderOptions",
    "SequentialLRConfig",
    "SequentialLROptions",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "StepLRConfig",
    "StepLROptions",
    "TaaeDecoderConfig",
    "TaaeDecoderOptions",
    "TaaeEncoderConfig",
    "TaaeEncoderOptions",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "TimeLossConfig",
    "TimeLossWeights",
    "TrainExperimentConfig",
    "UnconditionalDAU1dConfig",
    "UnconditionalDiTConfig",
    "UnconditionalDiffusionConfig",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
    "WaveletPretransformConfig",
    "WaveletPretransformOptions",
]
