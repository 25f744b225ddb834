# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
        ODEWarmupConfig,
        TimestepSamplerOptions,
        TrimConfig,
    )
if TYPE_CHECKING:
    from ._internal_1 import (
        AutoencoderConfig,
        AutoencoderOptimizerConfigs,
        AutoencoderOptions,
        AutoencoderPretransformConfig,
        AutoencoderTrainingConfig,
        LossBalancing,
        PiecesOptions,
        PretransformConfig,
    )
if TYPE_CHECKING:
    from ._internal_2 import (
        ChainedSchedulerConfig,
        ChainedSchedulerOptions,
        SchedulerConfig,
        SequentialLRConfig,
        SequentialLROptions,
    )
if TYPE_CHECKING:
    from .adapter import LoRAConfig
if TYPE_CHECKING:
    from .audio_dataset import AudioDatasetConfig
if TYPE_CHECKING:
    from .blocks.attention import AttentionOptions
if TYPE_CHECKING:
    from .blocks.depth_transformer import DepthTransformerOptions
if TYPE_CHECKING:
    from .blocks.feed_forward import FeedForwardOptions
if TYPE_CHECKING:
    from .blocks.norm import NormOptions
if TYPE_CHECKING:
    from .bottleneck import BottleneckConfig
if TYPE_CHECKING:
    from .bottlenecks.dac_rvq import DACRVQBottleneckConfig, DACRVQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.dac_rvq_vae import (
        DACRVQVAEBottleneckConfig,
        DACRVQVAEBottleneckOptions,
    )
if TYPE_CHECKING:
    from .bottlenecks.dithered_fsq import (
        DitheredFSQBottleneckConfig,
        DitheredFSQBottleneckOptions,
    )
if TYPE_CHECKING:
    from .bottlenecks.fsq import FSQBottleneckConfig, FSQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.grouped_rvq import (
        GroupedRVQBottleneckConfig,
        GroupedRVQBottleneckOptions,
    )
if TYPE_CHECKING:
    from .bottlenecks.identity import IdentityBottleneckConfig, IdentityBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.l2_norm import L2BottleneckConfig, L2BottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.lfq import LFQBottleneckConfig, LFQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.residual_fsq import (
        ResidualFSQBottleneckConfig,
        ResidualFSQBottleneckOptions,
    )
if TYPE_CHECKING:
    from .bottlenecks.rvq import RVQBottleneckConfig, RVQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.rvq_vae import RVQVAEBottleneckConfig, RVQVAEBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.simvq import SimVQBottleneckConfig, SimVQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.skip import SkipBottleneckConfig, SkipBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.snac_rvq import SnacRVQBottleneckConfig, SnacRVQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.softnorm import SoftNormBottleneckConfig, SoftNormBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.split_rvq import SplitRVQBottleneckConfig, SplitRVQBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.tanh import TanhBottleneckConfig, TanhBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.vae import VAEBottleneckConfig, VAEBottleneckOptions
if TYPE_CHECKING:
    from .bottlenecks.vector_quantize_pytorch import VectorQuantizePytorchBottleneckConfig
if TYPE_CHECKING:
    from .bottlenecks.wasserstein import (
        WassersteinBottleneckConfig,
        WassersteinBottleneckOptions,
    )
if TYPE_CHECKING:
    from .codebook_pattern import CodebookPatternConfig
if TYPE_CHECKING:
    from .codebook_patterns.coarse_first import CoarseFirstPatternConfig
if TYPE_CHECKING:
    from .codebook_patterns.delay import DelayPatternConfig
if TYPE_CHECKING:
    from .codebook_patterns.musiclm import MusicLMPatternConfig
if TYPE_CHECKING:
    from .codebook_patterns.parallel import ParallelPatternConfig
if TYPE_CHECKING:
    from .codebook_patterns.unroll import UnrollPatternConfig
if TYPE_CHECKING:
    from .conditional_diffusion import ConditionalDiffusionConfig
if TYPE_CHECKING:
    from .conditional_diffusion.adp_1d import ConditionalADP1dConfig
if TYPE_CHECKING:
    from .conditional_diffusion.adp_cfg_1d import ConditionalADPCFG1dConfig
if TYPE_CHECKING:
    from .conditional_diffusion.dit import ConditionalDiTConfig
if TYPE_CHECKING:
    from .conditioner import ConditionerConfig
if TYPE_CHECKING:
    from .conditioners.clap_audio import (
        CLAPAudioConditionerConfig,
        CLAPAudioConditionerOptions,
    )
if TYPE_CHECKING:
    from .conditioners.clap_text import (
        CLAPTextConditionerConfig,
        CLAPTextConditionerOptions,
    )
if TYPE_CHECKING:
    from .conditioners.int import IntConditionerConfig, IntConditionerOptions
if TYPE_CHECKING:
    from .conditioners.list import ListConditionerConfig, ListConditionerOptions
if TYPE_CHECKING:
    from .conditioners.lut import LUTConditionerConfig, LUTConditionerOptions
if TYPE_CHECKING:
    from .conditioners.number import NumberConditionerConfig, NumberConditionerOptions
if TYPE_CHECKING:
    from .conditioners.phoneme import PhonemeConditionerConfig, PhonemeConditionerOptions
if TYPE_CHECKING:
    from .conditioners.pretransform import (
        PretransformConditionerConfig,
        PretransformConditionerOptions,
    )
if TYPE_CHECKING:
    from .conditioners.source_mix import (
        SourceMixConditionerConfig,
        SourceMixConditionerOptions,
    )
if TYPE_CHECKING:
    from .conditioners.t5 import T5ConditionerConfig, T5ConditionerOptions
if TYPE_CHECKING:
    from .conditioners.t5gemma import T5GemmaConditionerConfig, T5GemmaConditionerOptions
if TYPE_CHECKING:
    from .conditioners.text_encoder import (
        TextEncoderConditionerConfig,
        TextEncoderConditionerOptions,
    )
if TYPE_CHECKING:
    from .conditioning import ConditioningConfig
if TYPE_CHECKING:
    from .dataset import DatasetConfig
if TYPE_CHECKING:
    from .datasets.audio_dir import AudioDirDatasetConfig, AudioDirEntry
if TYPE_CHECKING:
    from .datasets.lhotse import LhotseDatasetConfig, LhotseEntry
if TYPE_CHECKING:
    from .datasets.metadata import DatasetMetadataOptions, MetadataField
if TYPE_CHECKING:
    from .datasets.parquet import ParquetDatasetConfig, ParquetEntry
if TYPE_CHECKING:
    from .datasets.pre_encoded import PreEncodedDatasetConfig, PreEncodedEntry
if TYPE_CHECKING:
    from .datasets.prompts import DatasetPromptOptions, Template
if TYPE_CHECKING:
    from .datasets.spectrogram import SpectrogramDatasetConfig
if TYPE_CHECKING:
    from .datasets.wds import WdsDatasetConfig, WdsEntry
if TYPE_CHECKING:
    from .decoder import DecoderConfig
if TYPE_CHECKING:
    from .decoders.dac import DacDecoderConfig, DacDecoderOptions
if TYPE_CHECKING:
    from .decoders.local_attn import LocalAttnDecoderConfig, LocalAttnDecoderOptions
if TYPE_CHECKING:
    from .decoders.mimi import MimiDecoderConfig, MimiDecoderOptions
if TYPE_CHECKING:
    from .decoders.oobleck import OobleckDecoderConfig, OobleckDecoderOptions
if TYPE_CHECKING:
    from .decoders.same import SameDecoderConfig, SameDecoderOptions
if TYPE_CHECKING:
    from .decoders.seanet import SeanetDecoderConfig, SeanetDecoderOptions
if TYPE_CHECKING:
    from .decoders.snac import SnacDecoderConfig, SnacDecoderOptions
if TYPE_CHECKING:
    from .decoders.taae import TaaeDecoderConfig, TaaeDecoderOptions
if TYPE_CHECKING:
    from .decoders.vocos import VocosDecoderConfig, VocosDecoderOptions
if TYPE_CHECKING:
    from .diffusion import DiffusionConfig
if TYPE_CHECKING:
    from .diffusion.adp_1d import ADP1dConfig, ADP1dOptions
if TYPE_CHECKING:
    from .diffusion.adp_cfg_1d import ADPCFG1dConfig, ADPCFG1dOptions
if TYPE_CHECKING:
    from .diffusion.dau1d import DAU1dConfig, DAU1dOptions
if TYPE_CHECKING:
    from .diffusion.dit import DiTConfig, DiTOptions
if TYPE_CHECKING:
    from .discriminator import DiscriminatorConfig
if TYPE_CHECKING:
    from .discriminators.big_vgan import (
        BigVganDiscriminatorConfig,
        BigVganDiscriminatorOptions,
    )
if TYPE_CHECKING:
    from .discriminators.dac import DacDiscriminatorConfig, DacDiscriminatorOptions
if TYPE_CHECKING:
    from .discriminators.encodec import (
        EncodecActivationParams,
        EncodecDiscriminatorConfig,
        EncodecDiscriminatorOptions,
    )
if TYPE_CHECKING:
    from .discriminators.oobleck import (
        OobleckDiscriminatorConfig,
        OobleckDiscriminatorOptions,
    )
if TYPE_CHECKING:
    from .distribution_shifts.flux import FluxShiftConfig
if TYPE_CHECKING:
    from .distribution_shifts.full import FullShiftConfig
if TYPE_CHECKING:
    from .distribution_shifts.logsnr import LogSNRShiftConfig
if TYPE_CHECKING:
    from .distribution_shifts.none import NoShiftConfig
if TYPE_CHECKING:
    from .encoder import EncoderConfig
if TYPE_CHECKING:
    from .encoders.dac import DacEncoderConfig, DacEncoderOptions
if TYPE_CHECKING:
    from .encoders.local_attn import LocalAttnEncoderConfig, LocalAttnEncoderOptions
if TYPE_CHECKING:
    from .encoders.mimi import MimiEncoderConfig, MimiEncoderOptions
if TYPE_CHECKING:
    from .encoders.oobleck import OobleckEncoderConfig, OobleckEncoderOptions
if TYPE_CHECKING:
    from .encoders.same import SameEncoderConfig, SameEncoderOptions
if TYPE_CHECKING:
    from .encoders.seanet import SeanetEncoderConfig, SeanetEncoderOptions
if TYPE_CHECKING:
    from .encoders.snac import SnacEncoderConfig, SnacEncoderOptions
if TYPE_CHECKING:
    from .encoders.taae import TaaeEncoderConfig, TaaeEncoderOptions
if TYPE_CHECKING:
    from .experiment import ExperimentConfig
if TYPE_CHECKING:
    from .experiments.pre_encode import PreEncodeExperimentConfig
if TYPE_CHECKING:
    from .experiments.train import TrainExperimentConfig
if TYPE_CHECKING:
    from .generation import GenerationRequest, Region, RegionItem
if TYPE_CHECKING:
    from .generation_defaults import GenerationDefaults
if TYPE_CHECKING:
    from .language_model import LanguageModelConfig
if TYPE_CHECKING:
    from .language_models.continuous_transformer import (
        TransformerLMConfig,
        TransformerLMOptions,
    )
if TYPE_CHECKING:
    from .language_models.masked import (
        MaskedDecodingOptions,
        MaskedLMConfig,
        MaskedLMOptions,
    )
if TYPE_CHECKING:
    from .language_models.musicgen import MusicGenLMConfig, MusicGenLMOptions
if TYPE_CHECKING:
    from .language_models.x_transformers import (
        XTransformersLMConfig,
        XTransformersLMOptions,
    )
if TYPE_CHECKING:
    from .library_quantizer import LibraryQuantizerConfig
if TYPE_CHECKING:
    from .library_quantizers.fsp import LibraryFSPOptions
if TYPE_CHECKING:
    from .library_quantizers.fsq import LibraryFSQOptions
if TYPE_CHECKING:
    from .library_quantizers.grouped_residual_fsq import LibraryGroupedResidualFSQOptions
if TYPE_CHECKING:
    from .library_quantizers.grouped_residual_lfq import LibraryGroupedResidualLFQOptions
if TYPE_CHECKING:
    from .library_quantizers.grouped_residual_vq import LibraryGroupedResidualVQOptions
if TYPE_CHECKING:
    from .library_quantizers.latent_quantize import LibraryLatentQuantizeOptions
if TYPE_CHECKING:
    from .library_quantizers.lfq import LibraryLFQOptions
if TYPE_CHECKING:
    from .library_quantizers.random_projection_quantizer import (
        LibraryRandomProjectionQuantizerOptions,
    )
if TYPE_CHECKING:
    from .library_quantizers.residual_fsq import LibraryResidualFSQOptions
if TYPE_CHECKING:
    from .library_quantizers.residual_lfq import LibraryResidualLFQOptions
if TYPE_CHECKING:
    from .library_quantizers.residual_sim_vq import LibraryResidualSimVQOptions
if TYPE_CHECKING:
    from .library_quantizers.residual_vq import LibraryResidualVQOptions
if TYPE_CHECKING:
    from .library_quantizers.sim_vq import LibrarySimVQOptions
if TYPE_CHECKING:
    from .library_quantizers.vector_quantize import LibraryVectorQuantizeOptions
if TYPE_CHECKING:
    from .losses.adversarial_weights import AdversarialWeights
if TYPE_CHECKING:
    from .losses.autoencoder import (
        AdversarialShorthand,
        AutoencoderLossConfigs,
        ReconstructionShorthand,
    )
if TYPE_CHECKING:
    from .losses.bottleneck import BottleneckLossConfig, BottleneckLossWeights
if TYPE_CHECKING:
    from .losses.evaluation import (
        EvaluationLossConfigs,
        MelMetricOptions,
        PesqMetricOptions,
        SisdrMetricOptions,
        StftMetricOptions,
    )
if TYPE_CHECKING:
    from .losses.hubert import SemanticLossConfig, SemanticLossOptions, SemanticLossWeights
if TYPE_CHECKING:
    from .losses.latents import LatentLossConfig, LatentLossWeights
if TYPE_CHECKING:
    from .losses.mrmel import MelLossConfig, MelLossOptions, MelLossWeights
if TYPE_CHECKING:
    from .losses.pretransform import PretransformLossConfig, PretransformLossWeights
if TYPE_CHECKING:
    from .losses.spectral import (
        SpectralLossConfig,
        SpectralLossOptions,
        SpectralLossWeights,
    )
if TYPE_CHECKING:
    from .losses.spectral_autoencoder import SpectralAutoencoderLossConfigs
if TYPE_CHECKING:
    from .losses.spectrogram import (
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
    from .losses.time import TimeLossConfig, TimeLossOptions, TimeLossWeights
if TYPE_CHECKING:
    from .model import ModelConfig
if TYPE_CHECKING:
    from .models.diffusion_autoencoder import (
        DiffusionAutoencoderConfig,
        DiffusionAutoencoderOptions,
    )
if TYPE_CHECKING:
    from .models.diffusion_uncond import DiffusionUncondConfig
if TYPE_CHECKING:
    from .models.hyperencoder import (
        HyperencoderConfig,
        HyperencoderOptions,
        HyperencoderOuter,
    )
if TYPE_CHECKING:
    from .models.lm import LMConfig, LMOptions
if TYPE_CHECKING:
    from .models.spectral_autoencoder import (
        SpectralAutoencoderConfig,
        SpectralAutoencoderOptions,
    )
if TYPE_CHECKING:
    from .optimizer import OptimizerConfig
if TYPE_CHECKING:
    from .optimizers.adadelta import AdadeltaConfig, AdadeltaOptions
if TYPE_CHECKING:
    from .optimizers.adafactor import AdafactorConfig, AdafactorOptions
if TYPE_CHECKING:
    from .optimizers.adagrad import AdagradConfig, AdagradOptions
if TYPE_CHECKING:
    from .optimizers.adam import AdamConfig, AdamOptions
if TYPE_CHECKING:
    from .optimizers.adamax import AdamaxConfig, AdamaxOptions
if TYPE_CHECKING:
    from .optimizers.adamw import AdamWConfig, AdamWOptions
if TYPE_CHECKING:
    from .optimizers.asgd import ASGDConfig, ASGDOptions
if TYPE_CHECKING:
    from .optimizers.muon import MuonConfig, MuonOptions
if TYPE_CHECKING:
    from .optimizers.nadam import NAdamConfig, NAdamOptions
if TYPE_CHECKING:
    from .optimizers.radam import RAdamConfig, RAdamOptions
if TYPE_CHECKING:
    from .optimizers.rmsprop import RMSpropConfig, RMSpropOptions
if TYPE_CHECKING:
    from .optimizers.sgd import SGDConfig, SGDOptions
if TYPE_CHECKING:
    from .pretransforms.audiocraft_pretrained import (
        AudiocraftPretrainedPretransformConfig,
        AudiocraftPretrainedPretransformOptions,
    )
if TYPE_CHECKING:
    from .pretransforms.dac_pretrained import (
        DACPretrainedPretransformConfig,
        DACPretrainedPretransformOptions,
    )
if TYPE_CHECKING:
    from .pretransforms.patched import PatchedPretransformConfig, PatchedPretransformOptions
if TYPE_CHECKING:
    from .pretransforms.pqmf import PQMFPretransformConfig, PQMFPretransformOptions
if TYPE_CHECKING:
    from .pretransforms.spectrogram import (
        SpectrogramPretransformConfig,
        SpectrogramPretransformOptions,
    )
if TYPE_CHECKING:
    from .pretransforms.transformers import (
        TransformersPretransformConfig,
        TransformersPretransformOptions,
    )
if TYPE_CHECKING:
    from .pretransforms.wavelet import WaveletPretransformConfig, WaveletPretransformOptions
if TYPE_CHECKING:
    from .sampler import SamplerConfig
if TYPE_CHECKING:
    from .samplers.flow import FlowSamplerConfig
if TYPE_CHECKING:
    from .samplers.k_diffusion import KDiffusionSamplerConfig
if TYPE_CHECKING:
    from .samplers.k_dpm_adaptive import KDPMAdaptiveSamplerConfig
if TYPE_CHECKING:
    from .samplers.k_dpm_fast import KDPMFastSamplerConfig
if TYPE_CHECKING:
    from .samplers.k_sde import KSDESamplerConfig
if TYPE_CHECKING:
    from .samplers.v_ddim import VDDIMSamplerConfig
if TYPE_CHECKING:
    from .schedule import ScheduleConfig
if TYPE_CHECKING:
    from .schedulers.constant_lr import ConstantLRConfig, ConstantLROptions
if TYPE_CHECKING:
    from .schedulers.cosine_annealing_lr import (
        CosineAnnealingLRConfig,
        CosineAnnealingLROptions,
    )
if TYPE_CHECKING:
    from .schedulers.cosine_annealing_warm_restarts import (
        CosineAnnealingWarmRestartsConfig,
        CosineAnnealingWarmRestartsOptions,
    )
if TYPE_CHECKING:
    from .schedulers.cyclic_lr import CyclicLRConfig, CyclicLROptions
if TYPE_CHECKING:
    from .schedulers.exponential_lr import ExponentialLRConfig, ExponentialLROptions
if TYPE_CHECKING:
    from .schedulers.inverse_lr import InverseLRConfig, InverseLROptions
if TYPE_CHECKING:
    from .schedulers.linear_lr import LinearLRConfig, LinearLROptions
if TYPE_CHECKING:
    from .schedulers.multi_step_lr import MultiStepLRConfig, MultiStepLROptions
if TYPE_CHECKING:
    from .schedulers.one_cycle_lr import OneCycleLRConfig, OneCycleLROptions
if TYPE_CHECKING:
    from .schedulers.polynomial_lr import PolynomialLRConfig, PolynomialLROptions
if TYPE_CHECKING:
    from .schedulers.step_lr import StepLRConfig, StepLROptions
if TYPE_CHECKING:
    from .schedules.explicit import ExplicitScheduleConfig, Time
if TYPE_CHECKING:
    from .schedules.karras import KarrasScheduleConfig
if TYPE_CHECKING:
    from .schedules.linear import LinearScheduleConfig
if TYPE_CHECKING:
    from .schedules.logsnr import LogSNRScheduleConfig
if TYPE_CHECKING:
    from .schedules.logsnr_stretched import StretchedLogSNRScheduleConfig
if TYPE_CHECKING:
    from .schedules.poly_exponential import PolyExponentialScheduleConfig
if TYPE_CHECKING:
    from .spectral_activation import SpectralActivationOptions
if TYPE_CHECKING:
    from .spectral_decoder import SpectralDecoderConfig
if TYPE_CHECKING:
    from .spectral_decoders.autoencoder_dc import (
        AutoencoderDCDecoderConfig,
        AutoencoderDCDecoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_decoders.autoencoder_kl import (
        AutoencoderKLDecoderConfig,
        AutoencoderKLDecoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_decoders.patch_transformer import (
        PatchTransformerDecoderConfig,
        PatchTransformerDecoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_decoders.seanet2d import SEANet2dDecoderConfig, SEANet2dDecoderOptions
if TYPE_CHECKING:
    from .spectral_encoder import SpectralEncoderConfig
if TYPE_CHECKING:
    from .spectral_encoders.autoencoder_dc import (
        AutoencoderDCEncoderConfig,
        AutoencoderDCEncoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_encoders.autoencoder_kl import (
        AutoencoderKLEncoderConfig,
        AutoencoderKLEncoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_encoders.patch_transformer import (
        PatchTransformerEncoderConfig,
        PatchTransformerEncoderOptions,
    )
if TYPE_CHECKING:
    from .spectral_encoders.seanet2d import SEANet2dEncoderConfig, SEANet2dEncoderOptions
if TYPE_CHECKING:
    from .spectral_norm import SpectralNormOptions
if TYPE_CHECKING:
    from .spectral_transform import SpectralTransformConfig
if TYPE_CHECKING:
    from .spectral_transforms.by_class import ClassTransformConfig, ClassTransformOptions
if TYPE_CHECKING:
    from .spectral_transforms.identity import (
        IdentityTransformConfig,
        IdentityTransformOptions,
    )
if TYPE_CHECKING:
    from .spectral_transforms.log_mag import (
        LogMagnitudeTransformConfig,
        LogMagnitudeTransformOptions,
    )
if TYPE_CHECKING:
    from .spectral_transforms.power_norm import (
        PowerNormTransformConfig,
        PowerNormTransformOptions,
    )
if TYPE_CHECKING:
    from .stft import STFTConfig
if TYPE_CHECKING:
    from .studio.answer import RatingsAdditionalProperty, StudioAnswer
if TYPE_CHECKING:
    from .studio.comparison import StudioComparison, StudioVersion
if TYPE_CHECKING:
    from .studio.comparison_request import StudioComparisonRequest, StudioVersionRequest
if TYPE_CHECKING:
    from .studio.failure import StudioFailure
if TYPE_CHECKING:
    from .studio.generation import StudioGeneration
if TYPE_CHECKING:
    from .studio.generation_request import StudioGenerationRequest
if TYPE_CHECKING:
    from .studio.job import StudioJob
if TYPE_CHECKING:
    from .studio.listener import StudioListener
if TYPE_CHECKING:
    from .studio.listening_test import StudioListeningTest
if TYPE_CHECKING:
    from .studio.listening_test_request import (
        StudioListeningTestRequest,
        StudioTestItem,
        StudioTestVersion,
    )
if TYPE_CHECKING:
    from .studio.model import StudioField, StudioForm, StudioModel
if TYPE_CHECKING:
    from .studio.results import StudioListenerResult, StudioResults, StudioVersionResult
if TYPE_CHECKING:
    from .studio.run import StudioDemo, StudioRun
if TYPE_CHECKING:
    from .studio.run_metrics import StudioRunMetrics
if TYPE_CHECKING:
    from .studio.session import StudioSession
if TYPE_CHECKING:
    from .studio.sound import StudioSound
if TYPE_CHECKING:
    from .studio.sound_file import StudioSoundFile
if TYPE_CHECKING:
    from .studio.status import StudioStatus
if TYPE_CHECKING:
    from .studio.trial import StudioTrial
if TYPE_CHECKING:
    from .training.demo import DemoConfig
if TYPE_CHECKING:
    from .training.diffusion_autoencoder import (
        DiffusionAutoencoderLossConfigs,
        DiffusionAutoencoderOptimizerConfigs,
        DiffusionAutoencoderTrainingConfig,
    )
if TYPE_CHECKING:
    from .training.diffusion_cond_demo import (
        CondDisplayConfig,
        CondDisplayOptions,
        DiffusionCondDemoConfig,
    )
if TYPE_CHECKING:
    from .training.diffusion_uncond import (
        DiffusionUncondOptimizerConfigs,
        DiffusionUncondTrainingConfig,
    )
if TYPE_CHECKING:
    from .training.diffusion_uncond_demo import DiffusionUncondDemoConfig
if TYPE_CHECKING:
    from .training.hyperencoder import (
        HyperencoderLossConfigs,
        HyperencoderOptimizerConfigs,
        HyperencoderTrainingConfig,
        LatentDistanceConfig,
        LatentDistanceWeights,
    )
if TYPE_CHECKING:
    from .training.latent_augmentation import LatentAugmentationConfig
if TYPE_CHECKING:
    from .training.lm import LMOptimizerConfigs, LMTrainingConfig
if TYPE_CHECKING:
    from .training.lm_demo import LMDemoConfig
if TYPE_CHECKING:
    from .training.optimizer_pair import OptimizerPairConfig
if TYPE_CHECKING:
    from .training.post_hoc_ema import PostHocEMAConfig
if TYPE_CHECKING:
    from .training.spectral_autoencoder import (
        SpectralAutoencoderOptimizerConfigs,
        SpectralAutoencoderTrainingConfig,
    )
if TYPE_CHECKING:
    from .types.activation_params import ActivationParams
if TYPE_CHECKING:
    from .types.attention_window import AttentionWindow
if TYPE_CHECKING:
    from .types.auto import Auto
if TYPE_CHECKING:
    from .types.average_length import AverageLength
if TYPE_CHECKING:
    from .types.band import Band
if TYPE_CHECKING:
    from .types.base_precision import BasePrecision
if TYPE_CHECKING:
    from .types.codebook_pattern_name import CodebookPatternName
if TYPE_CHECKING:
    from .types.conv_norm_params import ConvNormParams
if TYPE_CHECKING:
    from .types.decay import Decay
if TYPE_CHECKING:
    from .types.feature_id import FeatureId
if TYPE_CHECKING:
    from .types.feature_ids import FeatureIds
if TYPE_CHECKING:
    from .types.file_path import FilePath
if TYPE_CHECKING:
    from .types.fraction import Fraction
if TYPE_CHECKING:
    from .types.implicit_codebook_network import ImplicitCodebookNetwork
if TYPE_CHECKING:
    from .types.level import Level
if TYPE_CHECKING:
    from .types.levels import Levels
if TYPE_CHECKING:
    from .types.local_condition import LocalConditionConfig
if TYPE_CHECKING:
    from .types.metadata import Metadata
if TYPE_CHECKING:
    from .types.name import Name
if TYPE_CHECKING:
    from .types.names import Names
if TYPE_CHECKING:
    from .types.natural import Natural
if TYPE_CHECKING:
    from .types.non_negative import NonNegative
if TYPE_CHECKING:
    from .types.non_negative_int import NonNegativeInt
if TYPE_CHECKING:
    from .types.norm_type import NormType
if TYPE_CHECKING:
    from .types.number import Number
if TYPE_CHECKING:
    from .types.objective import DiffusionObjective
if TYPE_CHECKING:
    from .types.odd_ints import KernelSizes
if TYPE_CHECKING:
    from .types.padding_pair import PaddingPair
if TYPE_CHECKING:
    from .types.positive_int import PositiveInt
if TYPE_CHECKING:
    from .types.positive_ints import PositiveInts
if TYPE_CHECKING:
    from .types.probability import Probability
if TYPE_CHECKING:
    from .types.ratio_pair import RatioPair
if TYPE_CHECKING:
    from .types.spectral_activation_name import SpectralActivationName
if TYPE_CHECKING:
    from .types.spectral_transform_name import SpectralTransformName
if TYPE_CHECKING:
    from .unconditional_diffusion import UnconditionalDiffusionConfig
if TYPE_CHECKING:
    from .unconditional_diffusion.adp_uncond_1d import ADPUncond1dConfig
if TYPE_CHECKING:
    from .unconditional_diffusion.dau1d import UnconditionalDAU1dConfig
if TYPE_CHECKING:
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
    "AdversarialShorthand",
    "AdversarialWeights",
    "AttentionOptions",
    "AttentionWindow",
    "AudioDatasetConfig",
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
    "AverageLength",
    "Band",
    "BasePrecision",
    "BigVganDiscriminatorConfig",
    "BigVganDiscriminatorOptions",
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
    "DacDiscriminatorConfig",
    "DacDiscriminatorOptions",
    "DacEncoderConfig",
    "DacEncoderOptions",
    "DatasetConfig",
    "DatasetMetadataOptions",
    "DatasetPromptOptions",
    "Decay",
    "DecoderConfig",
    "DelayPatternConfig",
    "DemoConfig",
    "DepthTransformerOptions",
    "DiTConfig",
    "DiTOptions",
    "DiffusionAutoencoderConfig",
    "DiffusionAutoencoderLossConfigs",
    "DiffusionAutoencoderOptimizerConfigs",
    "DiffusionAutoencoderOptions",
    "DiffusionAutoencoderTrainingConfig",
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
    "DiscriminatorConfig",
    "DitheredFSQBottleneckConfig",
    "DitheredFSQBottleneckOptions",
    "EncodecActivationParams",
    "EncodecDiscriminatorConfig",
    "EncodecDiscriminatorOptions",
    "EncoderConfig",
    "EvaluationLossConfigs",
    "ExperimentConfig",
    "ExplicitScheduleConfig",
    "ExponentialLRConfig",
    "ExponentialLROptions",
    "FSQBottleneckConfig",
    "FSQBottleneckOptions",
    "FeatureId",
    "FeatureIds",
    "FeedForwardOptions",
    "FilePath",
    "FlowSamplerConfig",
    "FluxShiftConfig",
    "Fraction",
    "FullShiftConfig",
    "GenerationDefaults",
    "GenerationRequest",
    "GroupedRVQBottleneckConfig",
    "GroupedRVQBottleneckOptions",
    "HyperencoderConfig",
    "HyperencoderLossConfigs",
    "HyperencoderOptimizerConfigs",
    "HyperencoderOptions",
    "HyperencoderOuter",
    "HyperencoderTrainingConfig",
    "IdentityBottleneckConfig",
    "IdentityBottleneckOptions",
    "IdentityTransformConfig",
    "IdentityTransformOptions",
    "ImplicitCodebookNetwork",
    "InpaintingConfig",
    "InpaintingMaskOptions",
    "IntConditionerConfig",
    "IntConditionerOptions",
    "InverseLRConfig",
    "InverseLROptions",
    "KDPMAdaptiveSamplerConfig",
    "KDPMFastSamplerConfig",
    "KDiffusionSamplerConfig",
    "KSDESamplerConfig",
    "KarrasScheduleConfig",
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
    "LatentAugmentationConfig",
    "LatentDistanceConfig",
    "LatentDistanceWeights",
    "LatentLossConfig",
    "LatentLossWeights",
    "Level",
    "Levels",
    "LhotseDatasetConfig",
    "LhotseEntry",
    "LibraryFSPOptions",
    "LibraryFSQOptions",
    "LibraryGroupedResidualFSQOptions",
    "LibraryGroupedResidualLFQOptions",
    "LibraryGroupedResidualVQOptions",
    "LibraryLFQOptions",
    "LibraryLatentQuantizeOptions",
    "LibraryQuantizerConfig",
    "LibraryRandomProjectionQuantizerOptions",
    "LibraryResidualFSQOptions",
    "LibraryResidualLFQOptions",
    "LibraryResidualSimVQOptions",
    "LibraryResidualVQOptions",
    "LibrarySimVQOptions",
    "LibraryVectorQuantizeOptions",
    "LinearLRConfig",
    "LinearLROptions",
    "LinearScheduleConfig",
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
    "LogSNRScheduleConfig",
    "LogSNRShiftConfig",
    "LossBalancing",
    "MagnitudeLossConfig",
    "MagnitudeLossOptions",
    "MaskedDecodingOptions",
    "MaskedLMConfig",
    "MaskedLMOptions",
    "MelLossConfig",
    "MelLossOptions",
    "MelLossWeights",
    "MelMetricOptions",
    "Metadata",
    "MetadataField",
    "MimiDecoderConfig",
    "MimiDecoderOptions",
    "MimiEncoderConfig",
    "MimiEncoderOptions",
    "ModelConfig",
    "MultiStepLRConfig",
    "MultiStepLROptions",
    "MuonConfig",
    "MuonOptions",
    "MusicGenLMConfig",
    "MusicGenLMOptions",
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
    "OobleckDiscriminatorConfig",
    "OobleckDiscriminatorOptions",
    "OobleckEncoderConfig",
    "OobleckEncoderOptions",
    "OptimizerConfig",
    "OptimizerPairConfig",
    "PQMFPretransformConfig",
    "PQMFPretransformOptions",
    "PaddingPair",
    "ParallelPatternConfig",
    "ParquetDatasetConfig",
    "ParquetEntry",
    "PatchTransformerDecoderConfig",
    "PatchTransformerDecoderOptions",
    "PatchTransformerEncoderConfig",
    "PatchTransformerEncoderOptions",
    "PatchedPretransformConfig",
    "PatchedPretransformOptions",
    "PesqMetricOptions",
    "PhonemeConditionerConfig",
    "PhonemeConditionerOptions",
    "PiecesOptions",
    "PolyExponentialScheduleConfig",
    "PolynomialLRConfig",
    "PolynomialLROptions",
    "PositiveInt",
    "PositiveInts",
    "PostHocEMAConfig",
    "PowerNormTransformConfig",
    "PowerNormTransformOptions",
    "PreEncodeExperimentConfig",
    "PreEncodedDatasetConfig",
    "PreEncodedEntry",
    "PretransformConditionerConfig",
    "PretransformConditionerOptions",
    "PretransformConfig",
    "PretransformLossConfig",
    "PretransformLossWeights",
    "Probability",
    "RAdamConfig",
    "RAdamOptions",
    "RMSpropConfig",
    "RMSpropOptions",
    "RVQBottleneckConfig",
    "RVQBottleneckOptions",
    "RVQVAEBottleneckConfig",
    "RVQVAEBottleneckOptions",
    "RatingsAdditionalProperty",
    "RatioPair",
    "ReconstructionShorthand",
    "Region",
    "RegionItem",
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
    "ScheduleConfig",
    "SchedulerConfig",
    "SeanetDecoderConfig",
    "SeanetDecoderOptions",
    "SeanetEncoderConfig",
    "SeanetEncoderOptions",
    "SemanticLossConfig",
    "SemanticLossOptions",
    "SemanticLossWeights",
    "SequentialLRConfig",
    "SequentialLROptions",
    "SimVQBottleneckConfig",
    "SimVQBottleneckOptions",
    "SisdrMetricOptions",
    "SkipBottleneckConfig",
    "SkipBottleneckOptions",
    "SnacDecoderConfig",
    "SnacDecoderOptions",
    "SnacEncoderConfig",
    "SnacEncoderOptions",
    "SnacRVQBottleneckConfig",
    "SnacRVQBottleneckOptions",
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
    "SpectrogramDatasetConfig",
    "SpectrogramLossConfig",
    "SpectrogramLossWeights",
    "SpectrogramPretransformConfig",
    "SpectrogramPretransformOptions",
    "SplitRVQBottleneckConfig",
    "SplitRVQBottleneckOptions",
    "StepLRConfig",
    "StepLROptions",
    "StftMetricOptions",
    "StretchedLogSNRScheduleConfig",
    "StudioAnswer",
    "StudioComparison",
    "StudioComparisonRequest",
    "StudioDemo",
    "StudioFailure",
    "StudioField",
    "StudioForm",
    "StudioGeneration",
    "StudioGenerationRequest",
    "StudioJob",
    "StudioListener",
    "StudioListenerResult",
    "StudioListeningTest",
    "StudioListeningTestRequest",
    "StudioModel",
    "StudioResults",
    "StudioRun",
    "StudioRunMetrics",
    "StudioSession",
    "StudioSound",
    "StudioSoundFile",
    "StudioStatus",
    "StudioTestItem",
    "StudioTestVersion",
    "StudioTrial",
    "StudioVersion",
    "StudioVersionRequest",
    "StudioVersionResult",
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
    "Template",
    "TextEncoderConditionerConfig",
    "TextEncoderConditionerOptions",
    "Time",
    "TimeLossConfig",
    "TimeLossOptions",
    "TimeLossWeights",
    "TimestepSamplerOptions",
    "TrainExperimentConfig",
    "TransformerLMConfig",
    "TransformerLMOptions",
    "TransformersPretransformConfig",
    "TransformersPretransformOptions",
    "TrimConfig",
    "UnconditionalDAU1dConfig",
    "UnconditionalDiTConfig",
    "UnconditionalDiffusionConfig",
    "UnrollPatternConfig",
    "VAEBottleneckConfig",
    "VAEBottleneckOptions",
    "VDDIMSamplerConfig",
    "VectorQuantizePytorchBottleneckConfig",
    "VocosDecoderConfig",
    "VocosDecoderOptions",
    "WassersteinBottleneckConfig",
    "WassersteinBottleneckOptions",
    "WaveletPretransformConfig",
    "WaveletPretransformOptions",
    "WdsDatasetConfig",
    "WdsEntry",
    "XTransformersLMConfig",
    "XTransformersLMOptions",
]

_PLACES = {
    'ARCConfig': '_internal',
    'ARCDiscriminatorConfig': '_internal',
    'ARCDiscriminatorWeights': '_internal',
    'ARCNoiseConfig': '_internal',
    'ConvARCDiscriminatorConfig': '_internal',
    'ConvARCDiscriminatorOptions': '_internal',
    'ConvNeXtARCDiscriminatorConfig': '_internal',
    'ConvNeXtARCDiscriminatorOptions': '_internal',
    'ConvNeXtBlockOptions': '_internal',
    'DiffusionCondConfig': '_internal',
    'DiffusionCondInpaintConfig': '_internal',
    'DiffusionCondOptimizerConfigs': '_internal',
    'DiffusionCondOptions': '_internal',
    'DiffusionCondTrainingConfig': '_internal',
    'InpaintingConfig': '_internal',
    'InpaintingMaskOptions': '_internal',
    'ODEWarmupConfig': '_internal',
    'TimestepSamplerOptions': '_internal',
    'TrimConfig': '_internal',
    'AutoencoderConfig': '_internal_1',
    'AutoencoderOptimizerConfigs': '_internal_1',
    'AutoencoderOptions': '_internal_1',
    'AutoencoderPretransformConfig': '_internal_1',
    'AutoencoderTrainingConfig': '_internal_1',
    'LossBalancing': '_internal_1',
    'PiecesOptions': '_internal_1',
    'PretransformConfig': '_internal_1',
    'ChainedSchedulerConfig': '_internal_2',
    'ChainedSchedulerOptions': '_internal_2',
    'SchedulerConfig': '_internal_2',
    'SequentialLRConfig': '_internal_2',
    'SequentialLROptions': '_internal_2',
    'LoRAConfig': 'adapter',
    'AudioDatasetConfig': 'audio_dataset',
    'AttentionOptions': 'blocks.attention',
    'DepthTransformerOptions': 'blocks.depth_transformer',
    'FeedForwardOptions': 'blocks.feed_forward',
    'NormOptions': 'blocks.norm',
    'BottleneckConfig': 'bottleneck',
    'DACRVQBottleneckConfig': 'bottlenecks.dac_rvq',
    'DACRVQBottleneckOptions': 'bottlenecks.dac_rvq',
    'DACRVQVAEBottleneckConfig': 'bottlenecks.dac_rvq_vae',
    'DACRVQVAEBottleneckOptions': 'bottlenecks.dac_rvq_vae',
    'DitheredFSQBottleneckConfig': 'bottlenecks.dithered_fsq',
    'DitheredFSQBottleneckOptions': 'bottlenecks.dithered_fsq',
    'FSQBottleneckConfig': 'bottlenecks.fsq',
    'FSQBottleneckOptions': 'bottlenecks.fsq',
    'GroupedRVQBottleneckConfig': 'bottlenecks.grouped_rvq',
    'GroupedRVQBottleneckOptions': 'bottlenecks.grouped_rvq',
    'IdentityBottleneckConfig': 'bottlenecks.identity',
    'IdentityBottleneckOptions': 'bottlenecks.identity',
    'L2BottleneckConfig': 'bottlenecks.l2_norm',
    'L2BottleneckOptions': 'bottlenecks.l2_norm',
    'LFQBottleneckConfig': 'bottlenecks.lfq',
    'LFQBottleneckOptions': 'bottlenecks.lfq',
    'ResidualFSQBottleneckConfig': 'bottlenecks.residual_fsq',
    'ResidualFSQBottleneckOptions': 'bottlenecks.residual_fsq',
    'RVQBottleneckConfig': 'bottlenecks.rvq',
    'RVQBottleneckOptions': 'bottlenecks.rvq',
    'RVQVAEBottleneckConfig': 'bottlenecks.rvq_vae',
    'RVQVAEBottleneckOptions': 'bottlenecks.rvq_vae',
    'SimVQBottleneckConfig': 'bottlenecks.simvq',
    'SimVQBottleneckOptions': 'bottlenecks.simvq',
    'SkipBottleneckConfig': 'bottlenecks.skip',
    'SkipBottleneckOptions': 'bottlenecks.skip',
    'SnacRVQBottleneckConfig': 'bottlenecks.snac_rvq',
    'SnacRVQBottleneckOptions': 'bottlenecks.snac_rvq',
    'SoftNormBottleneckConfig': 'bottlenecks.softnorm',
    'SoftNormBottleneckOptions': 'bottlenecks.softnorm',
    'SplitRVQBottleneckConfig': 'bottlenecks.split_rvq',
    'SplitRVQBottleneckOptions': 'bottlenecks.split_rvq',
    'TanhBottleneckConfig': 'bottlenecks.tanh',
    'TanhBottleneckOptions': 'bottlenecks.tanh',
    'VAEBottleneckConfig': 'bottlenecks.vae',
    'VAEBottleneckOptions': 'bottlenecks.vae',
    'VectorQuantizePytorchBottleneckConfig': 'bottlenecks.vector_quantize_pytorch',
    'WassersteinBottleneckConfig': 'bottlenecks.wasserstein',
    'WassersteinBottleneckOptions': 'bottlenecks.wasserstein',
    'CodebookPatternConfig': 'codebook_pattern',
    'CoarseFirstPatternConfig': 'codebook_patterns.coarse_first',
    'DelayPatternConfig': 'codebook_patterns.delay',
    'MusicLMPatternConfig': 'codebook_patterns.musiclm',
    'ParallelPatternConfig': 'codebook_patterns.parallel',
    'UnrollPatternConfig': 'codebook_patterns.unroll',
    'ConditionalDiffusionConfig': 'conditional_diffusion',
    'ConditionalADP1dConfig': 'conditional_diffusion.adp_1d',
    'ConditionalADPCFG1dConfig': 'conditional_diffusion.adp_cfg_1d',
    'ConditionalDiTConfig': 'conditional_diffusion.dit',
    'ConditionerConfig': 'conditioner',
    'CLAPAudioConditionerConfig': 'conditioners.clap_audio',
    'CLAPAudioConditionerOptions': 'conditioners.clap_audio',
    'CLAPTextConditionerConfig': 'conditioners.clap_text',
    'CLAPTextConditionerOptions': 'conditioners.clap_text',
    'IntConditionerConfig': 'conditioners.int',
    'IntConditionerOptions': 'conditioners.int',
    'ListConditionerConfig': 'conditioners.list',
    'ListConditionerOptions': 'conditioners.list',
    'LUTConditionerConfig': 'conditioners.lut',
    'LUTConditionerOptions': 'conditioners.lut',
    'NumberConditionerConfig': 'conditioners.number',
    'NumberConditionerOptions': 'conditioners.number',
    'PhonemeConditionerConfig': 'conditioners.phoneme',
    'PhonemeConditionerOptions': 'conditioners.phoneme',
    'PretransformConditionerConfig': 'conditioners.pretransform',
    'PretransformConditionerOptions': 'conditioners.pretransform',
    'SourceMixConditionerConfig': 'conditioners.source_mix',
    'SourceMixConditionerOptions': 'conditioners.source_mix',
    'T5ConditionerConfig': 'conditioners.t5',
    'T5ConditionerOptions': 'conditioners.t5',
    'T5GemmaConditionerConfig': 'conditioners.t5gemma',
    'T5GemmaConditionerOptions': 'conditioners.t5gemma',
    'TextEncoderConditionerConfig': 'conditioners.text_encoder',
    'TextEncoderConditionerOptions': 'conditioners.text_encoder',
    'ConditioningConfig': 'conditioning',
    'DatasetConfig': 'dataset',
    'AudioDirDatasetConfig': 'datasets.audio_dir',
    'AudioDirEntry': 'datasets.audio_dir',
    'LhotseDatasetConfig': 'datasets.lhotse',
    'LhotseEntry': 'datasets.lhotse',
    'DatasetMetadataOptions': 'datasets.metadata',
    'MetadataField': 'datasets.metadata',
    'ParquetDatasetConfig': 'datasets.parquet',
    'ParquetEntry': 'datasets.parquet',
    'PreEncodedDatasetConfig': 'datasets.pre_encoded',
    'PreEncodedEntry': 'datasets.pre_encoded',
    'DatasetPromptOptions': 'datasets.prompts',
    'Template': 'datasets.prompts',
    'SpectrogramDatasetConfig': 'datasets.spectrogram',
    'WdsDatasetConfig': 'datasets.wds',
    'WdsEntry': 'datasets.wds',
    'DecoderConfig': 'decoder',
    'DacDecoderConfig': 'decoders.dac',
    'DacDecoderOptions': 'decoders.dac',
    'LocalAttnDecoderConfig': 'decoders.local_attn',
    'LocalAttnDecoderOptions': 'decoders.local_attn',
    'MimiDecoderConfig': 'decoders.mimi',
    'MimiDecoderOptions': 'decoders.mimi',
    'OobleckDecoderConfig': 'decoders.oobleck',
    'OobleckDecoderOptions': 'decoders.oobleck',
    'SameDecoderConfig': 'decoders.same',
    'SameDecoderOptions': 'decoders.same',
    'SeanetDecoderConfig': 'decoders.seanet',
    'SeanetDecoderOptions': 'decoders.seanet',
    'SnacDecoderConfig': 'decoders.snac',
    'SnacDecoderOptions': 'decoders.snac',
    'TaaeDecoderConfig': 'decoders.taae',
    'TaaeDecoderOptions': 'decoders.taae',
    'VocosDecoderConfig': 'decoders.vocos',
    'VocosDecoderOptions': 'decoders.vocos',
    'DiffusionConfig': 'diffusion',
    'ADP1dConfig': 'diffusion.adp_1d',
    'ADP1dOptions': 'diffusion.adp_1d',
    'ADPCFG1dConfig': 'diffusion.adp_cfg_1d',
    'ADPCFG1dOptions': 'diffusion.adp_cfg_1d',
    'DAU1dConfig': 'diffusion.dau1d',
    'DAU1dOptions': 'diffusion.dau1d',
    'DiTConfig': 'diffusion.dit',
    'DiTOptions': 'diffusion.dit',
    'DiscriminatorConfig': 'discriminator',
    'BigVganDiscriminatorConfig': 'discriminators.big_vgan',
    'BigVganDiscriminatorOptions': 'discriminators.big_vgan',
    'DacDiscriminatorConfig': 'discriminators.dac',
    'DacDiscriminatorOptions': 'discriminators.dac',
    'EncodecActivationParams': 'discriminators.encodec',
    'EncodecDiscriminatorConfig': 'discriminators.encodec',
    'EncodecDiscriminatorOptions': 'discriminators.encodec',
    'OobleckDiscriminatorConfig': 'discriminators.oobleck',
    'OobleckDiscriminatorOptions': 'discriminators.oobleck',
    'FluxShiftConfig': 'distribution_shifts.flux',
    'FullShiftConfig': 'distribution_shifts.full',
    'LogSNRShiftConfig': 'distribution_shifts.logsnr',
    'NoShiftConfig': 'distribution_shifts.none',
    'EncoderConfig': 'encoder',
    'DacEncoderConfig': 'encoders.dac',
    'DacEncoderOptions': 'encoders.dac',
    'LocalAttnEncoderConfig': 'encoders.local_attn',
    'LocalAttnEncoderOptions': 'encoders.local_attn',
    'MimiEncoderConfig': 'encoders.mimi',
    'MimiEncoderOptions': 'encoders.mimi',
    'OobleckEncoderConfig': 'encoders.oobleck',
    'OobleckEncoderOptions': 'encoders.oobleck',
    'SameEncoderConfig': 'encoders.same',
    'SameEncoderOptions': 'encoders.same',
    'SeanetEncoderConfig': 'encoders.seanet',
    'SeanetEncoderOptions': 'encoders.seanet',
    'SnacEncoderConfig': 'encoders.snac',
    'SnacEncoderOptions': 'encoders.snac',
    'TaaeEncoderConfig': 'encoders.taae',
    'TaaeEncoderOptions': 'encoders.taae',
    'ExperimentConfig': 'experiment',
    'PreEncodeExperimentConfig': 'experiments.pre_encode',
    'TrainExperimentConfig': 'experiments.train',
    'GenerationRequest': 'generation',
    'Region': 'generation',
    'RegionItem': 'generation',
    'GenerationDefaults': 'generation_defaults',
    'LanguageModelConfig': 'language_model',
    'TransformerLMConfig': 'language_models.continuous_transformer',
    'TransformerLMOptions': 'language_models.continuous_transformer',
    'MaskedDecodingOptions': 'language_models.masked',
    'MaskedLMConfig': 'language_models.masked',
    'MaskedLMOptions': 'language_models.masked',
    'MusicGenLMConfig': 'language_models.musicgen',
    'MusicGenLMOptions': 'language_models.musicgen',
    'XTransformersLMConfig': 'language_models.x_transformers',
    'XTransformersLMOptions': 'language_models.x_transformers',
    'LibraryQuantizerConfig': 'library_quantizer',
    'LibraryFSPOptions': 'library_quantizers.fsp',
    'LibraryFSQOptions': 'library_quantizers.fsq',
    'LibraryGroupedResidualFSQOptions': 'library_quantizers.grouped_residual_fsq',
    'LibraryGroupedResidualLFQOptions': 'library_quantizers.grouped_residual_lfq',
    'LibraryGroupedResidualVQOptions': 'library_quantizers.grouped_residual_vq',
    'LibraryLatentQuantizeOptions': 'library_quantizers.latent_quantize',
    'LibraryLFQOptions': 'library_quantizers.lfq',
    'LibraryRandomProjectionQuantizerOptions': 'library_quantizers.random_projection_quantizer',
    'LibraryResidualFSQOptions': 'library_quantizers.residual_fsq',
    'LibraryResidualLFQOptions': 'library_quantizers.residual_lfq',
    'LibraryResidualSimVQOptions': 'library_quantizers.residual_sim_vq',
    'LibraryResidualVQOptions': 'library_quantizers.residual_vq',
    'LibrarySimVQOptions': 'library_quantizers.sim_vq',
    'LibraryVectorQuantizeOptions': 'library_quantizers.vector_quantize',
    'AdversarialWeights': 'losses.adversarial_weights',
    'AdversarialShorthand': 'losses.autoencoder',
    'AutoencoderLossConfigs': 'losses.autoencoder',
    'ReconstructionShorthand': 'losses.autoencoder',
    'BottleneckLossConfig': 'losses.bottleneck',
    'BottleneckLossWeights': 'losses.bottleneck',
    'EvaluationLossConfigs': 'losses.evaluation',
    'MelMetricOptions': 'losses.evaluation',
    'PesqMetricOptions': 'losses.evaluation',
    'SisdrMetricOptions': 'losses.evaluation',
    'StftMetricOptions': 'losses.evaluation',
    'SemanticLossConfig': 'losses.hubert',
    'SemanticLossOptions': 'losses.hubert',
    'SemanticLossWeights': 'losses.hubert',
    'LatentLossConfig': 'losses.latents',
    'LatentLossWeights': 'losses.latents',
    'MelLossConfig': 'losses.mrmel',
    'MelLossOptions': 'losses.mrmel',
    'MelLossWeights': 'losses.mrmel',
    'PretransformLossConfig': 'losses.pretransform',
    'PretransformLossWeights': 'losses.pretransform',
    'SpectralLossConfig': 'losses.spectral',
    'SpectralLossOptions': 'losses.spectral',
    'SpectralLossWeights': 'losses.spectral',
    'SpectralAutoencoderLossConfigs': 'losses.spectral_autoencoder',
    'AurallossConfig': 'losses.spectrogram',
    'ComplexSTFTLossConfig': 'losses.spectrogram',
    'ComplexSTFTLossOptions': 'losses.spectrogram',
    'CosinePhaseLossConfig': 'losses.spectrogram',
    'CosinePhaseOptions': 'losses.spectrogram',
    'MagnitudeLossConfig': 'losses.spectrogram',
    'MagnitudeLossOptions': 'losses.spectrogram',
    'SpectralConvergenceLossConfig': 'losses.spectrogram',
    'SpectralConvergenceOptions': 'losses.spectrogram',
    'SpectrogramLossConfig': 'losses.spectrogram',
    'SpectrogramLossWeights': 'losses.spectrogram',
    'STFTMSELossConfig': 'losses.spectrogram',
    'STFTMSEOptions': 'losses.spectrogram',
    'TimeLossConfig': 'losses.time',
    'TimeLossOptions': 'losses.time',
    'TimeLossWeights': 'losses.time',
    'ModelConfig': 'model',
    'DiffusionAutoencoderConfig': 'models.diffusion_autoencoder',
    'DiffusionAutoencoderOptions': 'models.diffusion_autoencoder',
    'DiffusionUncondConfig': 'models.diffusion_uncond',
    'HyperencoderConfig': 'models.hyperencoder',
    'HyperencoderOptions': 'models.hyperencoder',
    'HyperencoderOuter': 'models.hyperencoder',
    'LMConfig': 'models.lm',
    'LMOptions': 'models.lm',
    'SpectralAutoencoderConfig': 'models.spectral_autoencoder',
    'SpectralAutoencoderOptions': 'models.spectral_autoencoder',
    'OptimizerConfig': 'optimizer',
    'AdadeltaConfig': 'optimizers.adadelta',
    'AdadeltaOptions': 'optimizers.adadelta',
    'AdafactorConfig': 'optimizers.adafactor',
    'AdafactorOptions': 'optimizers.adafactor',
    'AdagradConfig': 'optimizers.adagrad',
    'AdagradOptions': 'optimizers.adagrad',
    'AdamConfig': 'optimizers.adam',
    'AdamOptions': 'optimizers.adam',
    'AdamaxConfig': 'optimizers.adamax',
    'AdamaxOptions': 'optimizers.adamax',
    'AdamWConfig': 'optimizers.adamw',
    'AdamWOptions': 'optimizers.adamw',
    'ASGDConfig': 'optimizers.asgd',
    'ASGDOptions': 'optimizers.asgd',
    'MuonConfig': 'optimizers.muon',
    'MuonOptions': 'optimizers.muon',
    'NAdamConfig': 'optimizers.nadam',
    'NAdamOptions': 'optimizers.nadam',
    'RAdamConfig': 'optimizers.radam',
    'RAdamOptions': 'optimizers.radam',
    'RMSpropConfig': 'optimizers.rmsprop',
    'RMSpropOptions': 'optimizers.rmsprop',
    'SGDConfig': 'optimizers.sgd',
    'SGDOptions': 'optimizers.sgd',
    'AudiocraftPretrainedPretransformConfig': 'pretransforms.audiocraft_pretrained',
    'AudiocraftPretrainedPretransformOptions': 'pretransforms.audiocraft_pretrained',
    'DACPretrainedPretransformConfig': 'pretransforms.dac_pretrained',
    'DACPretrainedPretransformOptions': 'pretransforms.dac_pretrained',
    'PatchedPretransformConfig': 'pretransforms.patched',
    'PatchedPretransformOptions': 'pretransforms.patched',
    'PQMFPretransformConfig': 'pretransforms.pqmf',
    'PQMFPretransformOptions': 'pretransforms.pqmf',
    'SpectrogramPretransformConfig': 'pretransforms.spectrogram',
    'SpectrogramPretransformOptions': 'pretransforms.spectrogram',
    'TransformersPretransformConfig': 'pretransforms.transformers',
    'TransformersPretransformOptions': 'pretransforms.transformers',
    'WaveletPretransformConfig': 'pretransforms.wavelet',
    'WaveletPretransformOptions': 'pretransforms.wavelet',
    'SamplerConfig': 'sampler',
    'FlowSamplerConfig': 'samplers.flow',
    'KDiffusionSamplerConfig': 'samplers.k_diffusion',
    'KDPMAdaptiveSamplerConfig': 'samplers.k_dpm_adaptive',
    'KDPMFastSamplerConfig': 'samplers.k_dpm_fast',
    'KSDESamplerConfig': 'samplers.k_sde',
    'VDDIMSamplerConfig': 'samplers.v_ddim',
    'ScheduleConfig': 'schedule',
    'ConstantLRConfig': 'schedulers.constant_lr',
    'ConstantLROptions': 'schedulers.constant_lr',
    'CosineAnnealingLRConfig': 'schedulers.cosine_annealing_lr',
    'CosineAnnealingLROptions': 'schedulers.cosine_annealing_lr',
    'CosineAnnealingWarmRestartsConfig': 'schedulers.cosine_annealing_warm_restarts',
    'CosineAnnealingWarmRestartsOptions': 'schedulers.cosine_annealing_warm_restarts',
    'CyclicLRConfig': 'schedulers.cyclic_lr',
    'CyclicLROptions': 'schedulers.cyclic_lr',
    'ExponentialLRConfig': 'schedulers.exponential_lr',
    'ExponentialLROptions': 'schedulers.exponential_lr',
    'InverseLRConfig': 'schedulers.inverse_lr',
    'InverseLROptions': 'schedulers.inverse_lr',
    'LinearLRConfig': 'schedulers.linear_lr',
    'LinearLROptions': 'schedulers.linear_lr',
    'MultiStepLRConfig': 'schedulers.multi_step_lr',
    'MultiStepLROptions': 'schedulers.multi_step_lr',
    'OneCycleLRConfig': 'schedulers.one_cycle_lr',
    'OneCycleLROptions': 'schedulers.one_cycle_lr',
    'PolynomialLRConfig': 'schedulers.polynomial_lr',
    'PolynomialLROptions': 'schedulers.polynomial_lr',
    'StepLRConfig': 'schedulers.step_lr',
    'StepLROptions': 'schedulers.step_lr',
    'ExplicitScheduleConfig': 'schedules.explicit',
    'Time': 'schedules.explicit',
    'KarrasScheduleConfig': 'schedules.karras',
    'LinearScheduleConfig': 'schedules.linear',
    'LogSNRScheduleConfig': 'schedules.logsnr',
    'StretchedLogSNRScheduleConfig': 'schedules.logsnr_stretched',
    'PolyExponentialScheduleConfig': 'schedules.poly_exponential',
    'SpectralActivationOptions': 'spectral_activation',
    'SpectralDecoderConfig': 'spectral_decoder',
    'AutoencoderDCDecoderConfig': 'spectral_decoders.autoencoder_dc',
    'AutoencoderDCDecoderOptions': 'spectral_decoders.autoencoder_dc',
    'AutoencoderKLDecoderConfig': 'spectral_decoders.autoencoder_kl',
    'AutoencoderKLDecoderOptions': 'spectral_decoders.autoencoder_kl',
    'PatchTransformerDecoderConfig': 'spectral_decoders.patch_transformer',
    'PatchTransformerDecoderOptions': 'spectral_decoders.patch_transformer',
    'SEANet2dDecoderConfig': 'spectral_decoders.seanet2d',
    'SEANet2dDecoderOptions': 'spectral_decoders.seanet2d',
    'SpectralEncoderConfig': 'spectral_encoder',
    'AutoencoderDCEncoderConfig': 'spectral_encoders.autoencoder_dc',
    'AutoencoderDCEncoderOptions': 'spectral_encoders.autoencoder_dc',
    'AutoencoderKLEncoderConfig': 'spectral_encoders.autoencoder_kl',
    'AutoencoderKLEncoderOptions': 'spectral_encoders.autoencoder_kl',
    'PatchTransformerEncoderConfig': 'spectral_encoders.patch_transformer',
    'PatchTransformerEncoderOptions': 'spectral_encoders.patch_transformer',
    'SEANet2dEncoderConfig': 'spectral_encoders.seanet2d',
    'SEANet2dEncoderOptions': 'spectral_encoders.seanet2d',
    'SpectralNormOptions': 'spectral_norm',
    'SpectralTransformConfig': 'spectral_transform',
    'ClassTransformConfig': 'spectral_transforms.by_class',
    'ClassTransformOptions': 'spectral_transforms.by_class',
    'IdentityTransformConfig': 'spectral_transforms.identity',
    'IdentityTransformOptions': 'spectral_transforms.identity',
    'LogMagnitudeTransformConfig': 'spectral_transforms.log_mag',
    'LogMagnitudeTransformOptions': 'spectral_transforms.log_mag',
    'PowerNormTransformConfig': 'spectral_transforms.power_norm',
    'PowerNormTransformOptions': 'spectral_transforms.power_norm',
    'STFTConfig': 'stft',
    'RatingsAdditionalProperty': 'studio.answer',
    'StudioAnswer': 'studio.answer',
    'StudioComparison': 'studio.comparison',
    'StudioVersion': 'studio.comparison',
    'StudioComparisonRequest': 'studio.comparison_request',
    'StudioVersionRequest': 'studio.comparison_request',
    'StudioFailure': 'studio.failure',
    'StudioGeneration': 'studio.generation',
    'StudioGenerationRequest': 'studio.generation_request',
    'StudioJob': 'studio.job',
    'StudioListener': 'studio.listener',
    'StudioListeningTest': 'studio.listening_test',
    'StudioListeningTestRequest': 'studio.listening_test_request',
    'StudioTestItem': 'studio.listening_test_request',
    'StudioTestVersion': 'studio.listening_test_request',
    'StudioField': 'studio.model',
    'StudioForm': 'studio.model',
    'StudioModel': 'studio.model',
    'StudioListenerResult': 'studio.results',
    'StudioResults': 'studio.results',
    'StudioVersionResult': 'studio.results',
    'StudioDemo': 'studio.run',
    'StudioRun': 'studio.run',
    'StudioRunMetrics': 'studio.run_metrics',
    'StudioSession': 'studio.session',
    'StudioSound': 'studio.sound',
    'StudioSoundFile': 'studio.sound_file',
    'StudioStatus': 'studio.status',
    'StudioTrial': 'studio.trial',
    'DemoConfig': 'training.demo',
    'DiffusionAutoencoderLossConfigs': 'training.diffusion_autoencoder',
    'DiffusionAutoencoderOptimizerConfigs': 'training.diffusion_autoencoder',
    'DiffusionAutoencoderTrainingConfig': 'training.diffusion_autoencoder',
    'CondDisplayConfig': 'training.diffusion_cond_demo',
    'CondDisplayOptions': 'training.diffusion_cond_demo',
    'DiffusionCondDemoConfig': 'training.diffusion_cond_demo',
    'DiffusionUncondOptimizerConfigs': 'training.diffusion_uncond',
    'DiffusionUncondTrainingConfig': 'training.diffusion_uncond',
    'DiffusionUncondDemoConfig': 'training.diffusion_uncond_demo',
    'HyperencoderLossConfigs': 'training.hyperencoder',
    'HyperencoderOptimizerConfigs': 'training.hyperencoder',
    'HyperencoderTrainingConfig': 'training.hyperencoder',
    'LatentDistanceConfig': 'training.hyperencoder',
    'LatentDistanceWeights': 'training.hyperencoder',
    'LatentAugmentationConfig': 'training.latent_augmentation',
    'LMOptimizerConfigs': 'training.lm',
    'LMTrainingConfig': 'training.lm',
    'LMDemoConfig': 'training.lm_demo',
    'OptimizerPairConfig': 'training.optimizer_pair',
    'PostHocEMAConfig': 'training.post_hoc_ema',
    'SpectralAutoencoderOptimizerConfigs': 'training.spectral_autoencoder',
    'SpectralAutoencoderTrainingConfig': 'training.spectral_autoencoder',
    'ActivationParams': 'types.activation_params',
    'AttentionWindow': 'types.attention_window',
    'Auto': 'types.auto',
    'AverageLength': 'types.average_length',
    'Band': 'types.band',
    'BasePrecision': 'types.base_precision',
    'CodebookPatternName': 'types.codebook_pattern_name',
    'ConvNormParams': 'types.conv_norm_params',
    'Decay': 'types.decay',
    'FeatureId': 'types.feature_id',
    'FeatureIds': 'types.feature_ids',
    'FilePath': 'types.file_path',
    'Fraction': 'types.fraction',
    'ImplicitCodebookNetwork': 'types.implicit_codebook_network',
    'Level': 'types.level',
    'Levels': 'types.levels',
    'LocalConditionConfig': 'types.local_condition',
    'Metadata': 'types.metadata',
    'Name': 'types.name',
    'Names': 'types.names',
    'Natural': 'types.natural',
    'NonNegative': 'types.non_negative',
    'NonNegativeInt': 'types.non_negative_int',
    'NormType': 'types.norm_type',
    'Number': 'types.number',
    'DiffusionObjective': 'types.objective',
    'KernelSizes': 'types.odd_ints',
    'PaddingPair': 'types.padding_pair',
    'PositiveInt': 'types.positive_int',
    'PositiveInts': 'types.positive_ints',
    'Probability': 'types.probability',
    'RatioPair': 'types.ratio_pair',
    'SpectralActivationName': 'types.spectral_activation_name',
    'SpectralTransformName': 'types.spectral_transform_name',
    'UnconditionalDiffusionConfig': 'unconditional_diffusion',
    'ADPUncond1dConfig': 'unconditional_diffusion.adp_uncond_1d',
    'UnconditionalDAU1dConfig': 'unconditional_diffusion.dau1d',
    'UnconditionalDiTConfig': 'unconditional_diffusion.dit',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

