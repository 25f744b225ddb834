# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from ._internal import (
    ARCConfig,
    ARCDiscriminatorConfig,
    ARCDiscriminatorWeights,
    ARCNoiseConfig,
    ConvARCDiscriminatorConfig,
    ConvARCDiscriminatorOptions,
    ConvNeXtARCDiscriminatorConfig,
    ConvNeXtARCDiscriminatorOptions,
    ConvNeXtBlockOptions,
    DiffusionCondConfig,
    DiffusionCondInpaintConfig,
    DiffusionCondOptimizerConfigs,
    DiffusionCondOptions,
    DiffusionCondTrainingConfig,
    InpaintingConfig,
    InpaintingMaskOptions,
    LoRAConfig,
    ODEWarmupConfig,
    TimestepSamplerOptions,
    TrimConfig,
)
from ._internal_1 import (
    AutoencoderConfig,
    AutoencoderOptimizerConfigs,
    AutoencoderOptions,
    AutoencoderPretransformConfig,
    AutoencoderTrainingConfig,
    PretransformConfig,
)
from ._internal_2 import (
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
from .bottlenecks.grouped_rvq import (
    GroupedRVQBottleneckConfig,
    GroupedRVQBottleneckOptions,
)
from .bottlenecks.identity import IdentityBottleneckConfig, IdentityBottleneckOptions
from .bottlenecks.l2_norm import L2BottleneckConfig, L2BottleneckOptions
from .bottlenecks.lfq import LFQBottleneckConfig, LFQBottleneckOptions
from .bottlenecks.residual_fsq import (
    ResidualFSQBottleneckConfig,
    ResidualFSQBottleneckOptions,
)
from .bottlenecks.rvq import RVQBottleneckConfig, RVQBottleneckOptions
from .bottlenecks.rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
from .bottlenecks.simvq import SimVQBottleneckConfig, SimVQBottleneckOptions
from .bottlenecks.skip import SkipBottleneckConfig, SkipBottleneckOptions
from .bottlenecks.softnorm import SoftNormBottleneckConfig, SoftNormBottleneckOptions
from .bottlenecks.tanh import TanhBottleneckConfig, TanhBottleneckOptions
from .bottlenecks.vae import VAEBottleneckConfig, VAEBottleneckOptions
from .bottlenecks.wasserstein import (
    WassersteinBottleneckConfig,
    WassersteinBottleneckOptions,
)
from .codebook_pattern import CodebookPatternConfig
from .codebook_patterns.coarse_first import CoarseFirstPatternConfig
from .codebook_patterns.delay import DelayPatternConfig
from .codebook_patterns.musiclm import MusicLMPatternConfig
from .codebook_patterns.parallel import ParallelPatternConfig
from .codebook_patterns.unroll import UnrollPatternConfig
from .conditional_diffusion import ConditionalDiffusionConfig
from .conditional_diffusion.adp_1d import ConditionalADP1dConfig
from .conditional_diffusion.adp_cfg_1d import ConditionalADPCFG1dConfig
from .conditional_diffusion.dit import ConditionalDiTConfig
from .conditioner import ConditionerConfig
from .conditioners.clap_audio import (
    CLAPAudioConditionerConfig,
    CLAPAudioConditionerOptions,
)
from .conditioners.clap_text import (
    CLAPTextConditionerConfig,
    CLAPTextConditionerOptions,
)
from .conditioners.int import IntConditionerConfig, IntConditionerOptions
from .conditioners.list import ListConditionerConfig, ListConditionerOptions
from .conditioners.lut import LUTConditionerConfig, LUTConditionerOptions
from .conditioners.number import NumberConditionerConfig, NumberConditionerOptions
from .conditioners.phoneme import PhonemeConditionerConfig, PhonemeConditionerOptions
from .conditioners.pretransform import (
    PretransformConditionerConfig,
    PretransformConditionerOptions,
)
from .conditioners.source_mix import (
    SourceMixConditionerConfig,
    SourceMixConditionerOptions,
)
from .conditioners.t5 import T5ConditionerConfig, T5ConditionerOptions
from .conditioners.t5gemma import T5GemmaConditionerConfig, T5GemmaConditionerOptions
from .conditioning import ConditioningConfig
from .dataset import DatasetConfig
from .datasets.audio_dir import AudioDirDatasetConfig, AudioDirEntry
from .decoder import DecoderConfig
from .decoders.dac import DacDecoderConfig, DacDecoderOptions
from .decoders.local_attn import LocalAttnDecoderConfig, LocalAttnDecoderOptions
from .decoders.oobleck import OobleckDecoderConfig, OobleckDecoderOptions
from .decoders.same import SameDecoderConfig, SameDecoderOptions
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
from .encoders.same import SameEncoderConfig, SameEncoderOptions
from .encoders.seanet import SeanetEncoderConfig, SeanetEncoderOptions
from .encoders.taae import TaaeEncoderConfig, TaaeEncoderOptions
from .experiment import ExperimentConfig
from .experiments.pre_encode import PreEncodeExperimentConfig
from .experiments.train import TrainExperimentConfig
from .language_model import LanguageModelConfig
from .language_models.continuous_transformer import (
    TransformerLMConfig,
    TransformerLMOptions,
)
from .language_models.x_transformers import (
    XTransformersLMConfig,
    XTransformersLMOptions,
)
from .losses.autoencoder import AutoencoderLossConfigs
from .losses.bottleneck import BottleneckLossConfig, BottleneckLossWeights
from .losses.spectral import (
    SpectralLossConfig,
    SpectralLossOptions,
    SpectralLossWeights,
)
from .losses.spectral_autoencoder import SpectralAutoencoderLossConfigs
from .losses.spectrogram import (
    AurallossConfig,
    ComplexSTFTLossConfig,
    ComplexSTFTLossOptions,
    CosinePhaseLossConfig,
    CosinePhaseOptions,
    SpectralConvergenceLossConfig,
    SpectralConvergenceOptions,
    SpectrogramLossConfig,
    SpectrogramLossWeights,
    STFTMSELossConfig,
    STFTMSEOptions,
)
from .losses.time import TimeLossConfig, TimeLossWeights
from .model import ModelConfig
from .models.diffusion_uncond import DiffusionUncondConfig
from .models.lm import LMConfig, LMOptions
from .models.spectral_autoencoder import (
    SpectralAutoencoderConfig,
    SpectralAutoencoderOptions,
)
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
from .sampler import SamplerConfig
from .samplers.flow import FlowSamplerConfig
from .samplers.k_diffusion import KDiffusionSamplerConfig
from .samplers.v_ddim import VDDIMSamplerConfig
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
from .spectral_activation import SpectralActivationOptions
from .spectral_decoder import SpectralDecoderConfig
from .spectral_decoders.autoencoder_dc import (
    AutoencoderDCDecoderConfig,
    AutoencoderDCDecoderOptions,
)
from .spectral_decoders.autoencoder_kl import (
    AutoencoderKLDecoderConfig,
    AutoencoderKLDecoderOptions,
)
from .spectral_decoders.seanet2d import SEANet2dDecoderConfig, SEANet2dDecoderOptions
from .spectral_encoder import SpectralEncoderConfig
from .spectral_encoders.autoencoder_dc import (
    AutoencoderDCEncoderConfig,
    AutoencoderDCEncoderOptions,
)
from .spectral_encoders.autoencoder_kl import (
    AutoencoderKLEncoderConfig,
    AutoencoderKLEncoderOptions,
)
from .spectral_encoders.seanet2d import SEANet2dEncoderConfig, SEANet2dEncoderOptions
from .spectral_norm import SpectralNormOptions
from .spectral_transform import SpectralTransformConfig
from .spectral_transforms.by_class import ClassTransformConfig, ClassTransformOptions
from .spectral_transforms.identity import (
    IdentityTransformConfig,
    IdentityTransformOptions,
)
from .spectral_transforms.log_mag import (
    LogMagnitudeTransformConfig,
    LogMagnitudeTransformOptions,
)
from .spectral_transforms.power_norm import (
    PowerNormTransformConfig,
    PowerNormTransformOptions,
)
from .stft import STFTConfig
from .training.demo import DemoConfig
from .training.diffusion_cond_demo import (
    CondDisplayConfig,
    CondDisplayOptions,
    DiffusionCondDemoConfig,
)
from .training.diffusion_uncond import (
    DiffusionUncondOptimizerConfigs,
    DiffusionUncondTrainingConfig,
)
from .training.diffusion_uncond_demo import DiffusionUncondDemoConfig
from .training.lm import LMOptimizerConfigs, LMTrainingConfig
from .training.lm_demo import LMDemoConfig
from .training.optimizer_pair import OptimizerPairConfig
from .training.spectral_autoencoder import (
    SpectralAutoencoderOptimizerConfigs,
    SpectralAutoencoderTrainingConfig,
)
from .types.activation_params import ActivationParams
from .types.attention_window import AttentionWindow
from .types.auto import Auto
from .types.base_precision import BasePrecision
from .types.codebook_pattern_name import CodebookPatternName
from .types.conv_norm_params import ConvNormParams
from .types.decay import Decay
from .types.file_path import FilePath
from .types.level import Level
from .types.levels import Levels
from .types.local_condition import LocalConditionConfig
from .types.metadata import Metadata
from .types.name import Name
from .types.names import Names
from .types.natural import Natural
from .types.non_negative import NonNegative
from .types.non_negative_int import NonNegativeInt
from .types.norm_type import NormType
from .types.number import Number
from .types.objective import DiffusionObjective
from .types.odd_ints import KernelSizes
from .types.padding_pair import PaddingPair
from .types.positive_int import PositiveInt
from .types.positive_ints import PositiveInts
from .types.probability import Probability
from .types.ratio_pair import RatioPair
from .types.spectral_activation_name import SpectralActivationName
from .types.spectral_transform_name import SpectralTransformName
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
    "ARCConfig",
    "ARCDiscriminatorConfig",
    "ARCDiscriminatorWeights",
    "ARCNoiseConfig",
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
    "AurallossConfig",
    "Auto",
    "AutoencoderConfig",
    "AutoencoderDCDecoderConfig",
    "AutoencoderDCDecoderOptions",
    "AutoencoderDCEncoderConfig",
    "AutoencoderDCEncoderOptions",
    "AutoencoderKLDecoderConfig",
    "AutoencoderKLDecoderOptions",
    "AutoencoderKLEncoderConfig",
    "AutoencoderKLEncoderOptions",
    "AutoencoderLossConfigs",
    "AutoencoderOptimizerConfigs",
    "AutoencoderOptions",
    "AutoencoderPretransformConfig",
    "AutoencoderTrainingConfig",
    "BasePrecision",
    "BottleneckConfig",
    "BottleneckLossConfig",
    "BottleneckLossWeights",
    "CLAPAudioConditionerConfig",
    "CLAPAudioConditionerOptions",
    "CLAPTextConditionerConfig",
    "CLAPTextConditionerOptions",
    "ChainedSchedulerConfig",
    "ChainedSchedulerOptions",
    "ClassTransformConfig",
    "ClassTransformOptions",
    "CoarseFirstPatternConfig",
    "CodebookPatternConfig",
    "CodebookPatternName",
    "ComplexSTFTLossConfig",
    "ComplexSTFTLossOptions",
    "CondDisplayConfig",
    "CondDisplayOptions",
    "ConditionalADP1dConfig",
    "ConditionalADPCFG1dConfig",
    "ConditionalDiTConfig",
    "ConditionalDiffusionConfig",
    "ConditionerConfig",
    "ConditioningConfig",
    "ConstantLRConfig",
    "ConstantLROptions",
    "ConvARCDiscriminatorConfig",
    "ConvARCDiscriminatorOptions",
    "ConvNeXtARCDiscriminatorConfig",
    "ConvNeXtARCDiscriminatorOptions",
    "ConvNeXtBlockOptions",
    "ConvNormParams",
    "CosineAnnealingLRConfig",
    "CosineAnnealingLROptions",
    "CosineAnnealingWarmRestartsConfig",
    "CosineAnnealingWarmRestartsOptions",
    "CosinePhaseLossConfig",
    "CosinePhaseOptions",
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
    "DelayPatternConfig",
    "DemoConfig",
    "DiTConfig",
    "DiTOptions",
    "DiffusionCondConfig",
    "DiffusionCondDemoConfig",
    "DiffusionCondInpaintConfig",
    "DiffusionCondOptimizerConfigs",
    "DiffusionCondOptions",
    "DiffusionCondTrainingConfig",
    "DiffusionConfig",
    "DiffusionObjective",
    "DiffusionUncondConfig",
    "DiffusionUncondDemoConfig",
    "DiffusionUncondOptimizerConfigs",
    "DiffusionUncondTrainingConfig",
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
    "FlowSamplerConfig",
    "FluxShiftConfig",
    "FullShiftConfig",
    "GroupedRVQBottleneckConfig",
    "GroupedRVQBottleneckOptions",
    "IdentityBottleneckConfig",
    "IdentityBottleneckOptions",
    "IdentityTransformConfig",
    "IdentityTransformOptions",
    "InpaintingConfig",
    "InpaintingMaskOptions",
    "IntConditionerConfig",
    "IntConditionerOptions",
    "InverseLRConfig",
    "InverseLROptions",
    "KDiffusionSamplerConfig",
    "KernelSizes",
    "L2BottleneckConfig",
    "L2BottleneckOptions",
    "LFQBottleneckConfig",
    "LFQBottleneckOptions",
    "LMConfig",
    "LMDemoConfig",
    "LMOptimizerConfigs",
    "LMOptions",
    "LMTrainingConfig",
    "LUTConditionerConfig",
    "LUTConditionerOptions",
    "LanguageModelConfig",
    "Level",
    "Levels",
    "LinearLRConfig",
    "LinearLROptions",
    "ListConditionerConfig",
    "ListConditionerOptions",
    "LoRAConfig",
    "LocalAttnDecoderConfig",
    "LocalAttnDecoderOptions",
    "LocalAttnEncoderConfig",
    "LocalAttnEncoderOptions",
    "LocalConditionConfig",
    "LogMagnitudeTransformConfig",
    "LogMagnitudeTransformOptions",
    "LogSNRShiftConfig",
    "Metadata",
    "ModelConfig",
    "MultiStepLRConfig",
    "MultiStepLROptions",
    "MusicLMPatternConfig",
    "NAdamConfig",
    "NAdamOptions",
    "Name",
    "Names",
    "Natural",
    "NoShiftConfig",
    "NonNegative",
    "NonNegativeInt",
    "NormOptions",
    "NormType",
    "Number",
    "NumberConditionerConfig",
    "NumberConditionerOptions",
    "ODEWarmupConfig",
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
    "PaddingPair",
    "ParallelPatternConfig",
    "PatchedPretransformConfig",
    "PatchedPretransformOptions",
    "PhonemeConditionerConfig",
    "PhonemeConditionerOptions",
    "PolynomialLRConfig",
    "PolynomialLROptions",
    "PositiveInt",
    "PositiveInts",
    "PowerNormTransformConfig",
    "PowerNormTransformOptions",
    "PreEncodeExperimentConfig",
    "PretransformConditionerConfig",
    "PretransformConditionerOptions",
    "PretransformConfig",
    "Probability",
    "RAdamConfig",
    "RAdamOptions",
    "RMSpropConfig",
    "RMSpropOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "RatioPair",
    "ResidualFSQBottleneckConfig",
    "ResidualFSQBottleneckOptions",
    "SEANet2dDecoderConfig",
    "SEANet2dDecoderOptions",
    "SEANet2dEncoderConfig",
    "SEANet2dEncoderOptions",
    "SGDConfig",
    "SGDOptions",
    "STFTConfig",
    "STFTMSELossConfig",
    "STFTMSEOptions",
    "SameDecoderConfig",
    "SameDecoderOptions",
    "SameEncoderConfig",
    "SameEncoderOptions",
    "SamplerConfig",
    "SchedulerConfig",
    "SeanetDecoderConfig",
    "SeanetDecoderOptions",
    "SeanetEncoderConfig",
    "SeanetEncoderOptions",
    "SequentialLRConfig",
    "SequentialLROptions",
    "SimVQBottleneckConfig",
    "SimVQBottleneckOptions",
    "SkipBottleneckConfig",
    "SkipBottleneckOptions",
    "SoftNormBottleneckConfig",
    "SoftNormBottleneckOptions",
    "SourceMixConditionerConfig",
    "SourceMixConditionerOptions",
    "SpectralActivationName",
    "SpectralActivationOptions",
    "SpectralAutoencoderConfig",
    "SpectralAutoencoderLossConfigs",
    "SpectralAutoencoderOptimizerConfigs",
    "SpectralAutoencoderOptions",
    "SpectralAutoencoderTrainingConfig",
    "SpectralConvergenceLossConfig",
    "SpectralConvergenceOptions",
    "SpectralDecoderConfig",
    "SpectralEncoderConfig",
    "SpectralLossConfig",
    "SpectralLossOptions",
    "SpectralLossWeights",
    "SpectralNormOptions",
    "SpectralTransformConfig",
    "SpectralTransformName",
    "SpectrogramLossConfig",
    "SpectrogramLossWeights",
    "StepLRConfig",
    "StepLROptions",
    "T5ConditionerConfig",
    "T5ConditionerOptions",
    "T5GemmaConditionerConfig",
    "T5GemmaConditionerOptions",
    "TaaeDecoderConfig",
    "TaaeDecoderOptions",
    "TaaeEncoderConfig",
    "TaaeEncoderOptions",
    "TanhBottleneckConfig",
    "TanhBottleneckOptions",
    "TimeLossConfig",
    "TimeLossWeights",
    "TimestepSamplerOptions",
    "TrainExperimentConfig",
    "TransformerLMConfig",
    "TransformerLMOptions",
    "TrimConfig",
    "UnconditionalDAU1dConfig",
    "UnconditionalDiTConfig",
    "UnconditionalDiffusionConfig",
    "UnrollPatternConfig",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "VDDIMSamplerConfig",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
    "WaveletPretransformConfig",
    "WaveletPretransformOptions",
    "XTransformersLMConfig",
    "XTransformersLMOptions",
]
