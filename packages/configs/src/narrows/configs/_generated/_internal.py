# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal, Optional, Union

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from . import adapter, conditional_diffusion
from . import conditioning as conditioning_1
from . import generation_defaults
from ._internal_1 import PretransformConfig
from .training import diffusion_cond_demo, optimizer_pair
from .training import post_hoc_ema as post_hoc_ema_1
from .types import base_precision as base_precision_1
from .types import decay, non_negative, positive_int, probability

ARCDiscriminatorConfig = TypeAliasType(
    "ARCDiscriminatorConfig",
    Annotated[
        Union["ConvNeXtARCDiscriminatorConfig", "ConvARCDiscriminatorConfig"],
        Field(title='ARCDiscriminatorConfig'),
    ],
)
"""
Head of the discriminator of adversarial post-training, by `type`; `convnext` where it is left out.
"""


class ConvARCDiscriminatorOptions(ConfigModel):
    """
    Options of `conv`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    soft_clip_scale: Annotated[float | None, Field(gt=0.0)] = None
    """
    Scores are squashed to this range by a tanh; null leaves them.
    """
    loss_type: Literal['lsgan', 'relativistic'] = 'lsgan'
    """
    `relativistic` is the loss in any case; `lsgan`, the unused default of stable-audio-tools, is read for the sake of its files.
    """


class ConvARCDiscriminatorConfig(ConfigModel):
    """
    Convolutions on the features of a diffusion transformer.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['conv']
    """
    Selects this type.
    """
    config: Annotated[ConvARCDiscriminatorOptions, Field(default_factory=lambda: ConvARCDiscriminatorOptions())]
    """
    Options of this type.
    """
    dit_hidden_layer: Annotated[int, Field(ge=0)]
    """
    Layer of the base transformer whose output is judged.
    """
    contrastive: bool = False
    """
    Learn to tell right from wrong prompts as well.
    """
    include_grad_penalties: bool = False
    """
    Penalise the gradients of the discriminator.
    """
    weights: Annotated["ARCDiscriminatorWeights", Field(default_factory=lambda: ARCDiscriminatorWeights())]
    """
    Weights of the adversarial terms.
    """


class ConvNeXtBlockOptions(ConfigModel):
    """
    Options of the blocks.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    kernel_size: Annotated[int, Field(ge=1)] = 7
    """
    Kernel.
    """
    mult: Annotated[int, Field(ge=1)] = 4
    """
    Inner width, as a multiple.
    """
    glu: bool = False
    """
    Gated linear units.
    """


class ConvNeXtARCDiscriminatorOptions(ConfigModel):
    """
    Options of `convnext`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[int, Field(ge=1)] = 128
    """
    Base width.
    """
    c_mults: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [1, 2, 4, 8]
    """
    Width of each stage as a multiple.
    """
    strides: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [2, 4, 8, 8]
    """
    Downsampling of each stage.
    """
    num_blocks: Annotated[
        list[positive_int.PositiveInt] | None, Field(min_length=1)
    ] = None
    """
    Blocks of each stage; null for three each.
    """
    conv_args: Annotated[ConvNeXtBlockOptions, Field(default_factory=lambda: ConvNeXtBlockOptions())]
    """
    Blocks.
    """
    loss_type: Literal['lsgan', 'relativistic'] = 'lsgan'
    """
    `relativistic` is the loss in any case; `lsgan`, the unused default of stable-audio-tools, is read for the sake of its files.
    """


class ConvNeXtARCDiscriminatorConfig(ConfigModel):
    """
    ConvNeXt blocks on the features of a diffusion transformer.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['convnext'] = 'convnext'
    """
    Selects this type.
    """
    config: Annotated[ConvNeXtARCDiscriminatorOptions, Field(default_factory=lambda: ConvNeXtARCDiscriminatorOptions())]
    """
    Options of this type.
    """
    dit_hidden_layer: Annotated[int, Field(ge=0)]
    """
    Layer of the base transformer whose output is judged.
    """
    contrastive: bool = False
    """
    Learn to tell right from wrong prompts as well.
    """
    include_grad_penalties: bool = False
    """
    Penalise the gradients of the discriminator.
    """
    weights: Annotated["ARCDiscriminatorWeights", Field(default_factory=lambda: ARCDiscriminatorWeights())]
    """
    Weights of the adversarial terms.
    """


class DiffusionCondConfig(ConfigModel):
    """
    Conditional diffusion with its training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    schema_version: Literal[1] = 1
    """
    Version of the schemas that the document was written for.
    """
    model_type: Literal['diffusion_cond']
    """
    Selects this type.
    """
    license: str | None = None
    """
    Note on the licence of the weights; kept with the model and shown by `narrows inspect`.
    """
    training_data: str | None = None
    """
    Note on what the weights were trained on; kept with the model.
    """
    sample_rate: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})]
    """
    Sample rate of the audio.
    """
    sample_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Length of a training crop; needed for training.
    """
    audio_channels: Annotated[int, Field(ge=1, le=16)] = 2
    """
    Channels that the data set delivers.
    """
    model: "DiffusionCondOptions"
    """
    The parts of the model.
    """
    generation: generation_defaults.GenerationDefaults | None = None
    """
    What the weights want to be sampled with; null for what the reference does.
    """
    training: Optional["DiffusionCondTrainingConfig"] = None
    """
    Training; null for a model that is only used.
    """


class DiffusionCondOptions(ConfigModel):
    """
    Parts of a conditional diffusion model.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    diffusion: conditional_diffusion.ConditionalDiffusionConfig
    """
    Backbone and where the conditions enter.
    """
    io_channels: Annotated[int, Field(ge=1)]
    """
    Channels that are diffused: what the pretransform gives, or audio channels.
    """
    pretransform: PretransformConfig | None = None
    """
    Transform to the latents that are diffused; null diffuses audio.
    """
    conditioning: conditioning_1.ConditioningConfig | None = None
    """
    Conditioners; null for none.
    """


class DiffusionCondInpaintConfig(ConfigModel):
    """
    Conditional diffusion that fills in what a mask leaves out, with its training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    schema_version: Literal[1] = 1
    """
    Version of the schemas that the document was written for.
    """
    model_type: Literal['diffusion_cond_inpaint']
    """
    Selects this type.
    """
    license: str | None = None
    """
    Note on the licence of the weights; kept with the model and shown by `narrows inspect`.
    """
    training_data: str | None = None
    """
    Note on what the weights were trained on; kept with the model.
    """
    sample_rate: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})]
    """
    Sample rate of the audio.
    """
    sample_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Length of a training crop; needed for training.
    """
    audio_channels: Annotated[int, Field(ge=1, le=16)] = 2
    """
    Channels that the data set delivers.
    """
    model: DiffusionCondOptions
    """
    The parts of the model; `input_concat_ids` names `inpaint_mask` and `inpaint_masked_input`.
    """
    generation: generation_defaults.GenerationDefaults | None = None
    """
    What the weights want to be sampled with; null for what the reference does.
    """
    training: Optional["DiffusionCondTrainingConfig"] = None
    """
    Training; null for a model that is only used.
    """


class ODEWarmupConfig(ConfigModel):
    """
    Warm-up on the trajectories of the teacher.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Length.
    """
    refresh_rate: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 1
    """
    New trajectories every so many steps.
    """
    sampling_steps: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})
    ] = 20
    """
    Steps of a trajectory; at least 2.
    """
    cfg: float = 4.0
    """
    Guidance.
    """


class ARCNoiseConfig(ConfigModel):
    """
    Timesteps of adversarial training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    generator: Literal['uniform', 'logit_normal', 'trunc_logit_normal', 'one_shot', 'denoised', 'logsnr_uniform'] = (
        'uniform'
    )
    """
    Distribution of the timesteps of the generator.
    """
    discriminator: Literal['uniform', 'logit_normal', 'trunc_logit_normal', 'one_shot', 'denoised', 'logsnr_uniform'] = (
        'uniform'
    )
    """
    Distribution of the timesteps of the discriminator.
    """


class ARCDiscriminatorWeights(ConfigModel):
    """
    Weights of the adversarial terms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    generator: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Of the generator.
    """
    discriminator: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Of the discriminator.
    """
    contrastive: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Of the contrastive term.
    """


class ARCConfig(ConfigModel):
    """
    Adversarial relativistic-contrastive post-training (Novack et al. 2025).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    teacher_model: DiffusionCondConfig | DiffusionCondInpaintConfig | None = None
    """
    Teacher of the warm-up; null for none.
    """
    use_model_as_teacher: bool = False
    """
    The model itself is the teacher.
    """
    teacher_model_ckpt: Annotated[str | None, Field(min_length=1)] = None
    """
    Weights of the teacher.
    """
    discriminator_base_model: (
        DiffusionCondConfig | DiffusionCondInpaintConfig | None
    ) = None
    """
    Model whose transformer the discriminator builds on.
    """
    use_model_as_discriminator: bool = False
    """
    The model itself is that model.
    """
    discriminator_base_ckpt: Annotated[str | None, Field(min_length=1)] = None
    """
    Its weights.
    """
    ode_warmup: ODEWarmupConfig | None = None
    """
    Warm-up on the trajectories of the teacher; null for none.
    """
    noise_dist: Annotated[ARCNoiseConfig, Field(default_factory=lambda: ARCNoiseConfig())]
    """
    Timesteps of generator and discriminator.
    """
    discriminator: ARCDiscriminatorConfig
    """
    Head of the discriminator.
    """


class TimestepSamplerOptions(ConfigModel):
    """
    Options of `timestep_sampler`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mean_logsnr: float = -1.2
    """
    Mean of the log signal-to-noise ratio of `log_snr`.
    """
    std_logsnr: Annotated[float, Field(gt=0.0)] = 2.0
    """
    Its standard deviation.
    """
    min_logsnr: float = -6.0
    """
    Least log signal-to-noise ratio of `log_snr_uniform` (Stable Audio 3).
    """
    max_logsnr: float = 5.0
    """
    Greatest one.
    """


class TrimConfig(ConfigModel):
    """
    Shortening of batches in adversarial training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    trim_prob: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of batches that are shortened.
    """
    type: Literal['random_item'] = 'random_item'
    """
    To what: the length of a random item.
    """


class InpaintingMaskOptions(ConfigModel):
    """
    Shapes of the masks.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    max_mask_segments: Annotated[int, Field(ge=1)] = 10
    """
    Most segments of a mask.
    """
    mask_type_probabilities: Annotated[
        list[probability.Probability] | None, Field(max_length=4, min_length=3)
    ] = None
    """
    Share of random segments, full masks, causal masks and (Stable Audio 3) spans; they sum to 1. Null for 0.1, 0.8, 0.1.
    """
    mask_padding: bool = False
    """
    Mask the padding as well (Stable Audio 3).
    """
    force_mask_type: Annotated[int | None, Field(ge=0, le=3)] = None
    """
    Only this kind of mask, counted from 0 in the order above; null draws it (Stable Audio 3).
    """
    max_spans: Annotated[int, Field(ge=1)] = 4
    """
    Most spans of a mask (Stable Audio 3).
    """
    mask_ratio_range: Annotated[
        list[probability.Probability], Field(max_length=2, min_length=2)
    ] = [0.2, 1.0]
    """
    Least and greatest masked share of the spans (Stable Audio 3).
    """
    span_count_weights: Annotated[
        list[non_negative.NonNegative] | None, Field(min_length=1)
    ] = None
    """
    Weights of 1, 2, ... spans, the last one repeated; null for 4, 2, 1, 1 (Stable Audio 3).
    """


class InpaintingConfig(ConfigModel):
    """
    What is masked in training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mask_kwargs: Annotated[InpaintingMaskOptions, Field(default_factory=lambda: InpaintingMaskOptions())]
    """
    Shapes of the masks.
    """


class DiffusionCondTrainingConfig(ConfigModel):
    """
    Training of conditional diffusion, with or without inpainting.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default Adam; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["DiffusionCondOptimizerConfigs"] = None
    """
    Optimizers by part; null for the default Adam.
    """
    mask_padding: bool = False
    """
    Leave padding out of the loss.
    """
    mask_padding_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of batches that keep it.
    """
    mask_loss_weight: Annotated[float | None, Field(ge=0.0)] = None
    """
    Weight of what is not to be filled in: the context of a mask, and padding that attention sees. Null for how the reference trains: 1 in stable-audio-tools, 0 in Stable Audio 3.
    """
    mask_padding_attention: bool = False
    """
    Old place of the key of `model.diffusion` (Stable Audio 3).
    """
    silence_extension_scale_seconds: Annotated[
        float, Field(ge=0.0, json_schema_extra={'x-unit': 's'})
    ] = 0.0
    """
    Mean length of the silence that counts as part of an item (Stable Audio 3).
    """
    use_ema: bool = True
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: decay.Decay = 0.9999
    """
    Largest decay of the average.
    """
    post_hoc_ema: post_hoc_ema_1.PostHocEMAConfig | None = None
    """
    Also keep averages whose length is chosen after the training; null for none.
    """
    log_loss_info: bool = False
    """
    Log the loss by noise level, in ten levels.
    """
    log_every_n_steps: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})
    ] = 10
    """
    Steps that the losses by noise level of `log_loss_info` are means of (Stable Audio 3).
    """
    pre_encoded: bool = False
    """
    The data are latents already.
    """
    cfg_dropout_prob: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    """
    Share of items whose conditions of a place are left out, each place by a draw of its own.
    """
    cfg_dropout_joint: bool = False
    """
    Leave out the conditions of all places of an item together.
    """
    condition_dropout: dict[str, probability.Probability] = {}
    """
    Share of items that lose one condition, by its id, each by a draw of its own: for guidance with separate scales. Conditions that are not named keep.
    """
    timestep_sampler: Literal['uniform', 'logit_normal', 'trunc_logit_normal', 'log_snr', 'log_snr_uniform'] = (
        'uniform'
    )
    """
    Distribution of the timesteps.
    """
    timestep_sampler_options: Annotated[TimestepSamplerOptions, Field(default_factory=lambda: TimestepSamplerOptions())]
    """
    Options of `log_snr` and `log_snr_uniform`.
    """
    p_one_shot: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of items at the noisiest timestep.
    """
    loss_normalization: Literal['none', 'timestep', 'sample', 'sample_channel'] = 'none'
    """
    What the loss is divided by (Stable Audio 3).
    """
    loss_norm_eps: Annotated[float, Field(gt=0.0)] = 1e-06
    """
    Numeric floor of that division.
    """
    loss_weighting: Literal['none', 'min_snr', 'learned'] = 'none'
    """
    Weight of the loss by noise level: none; that of the clean signal, with the ratio of signal to noise cut off at `min_snr_gamma` (Hang et al. 2023, arXiv 2303.09556); or learned, so that every level counts alike (Karras et al. 2023, arXiv 2312.02696).
    """
    min_snr_gamma: Annotated[float, Field(gt=0.0)] = 5.0
    """
    Where `min_snr` cuts the ratio of signal to noise off.
    """
    ot_coupling: bool = False
    """
    Pair noise and data by optimal transport (Stable Audio 3).
    """
    base_precision: base_precision_1.BasePrecision | None = None
    """
    Precision of the network and the conditioners while an adapter is trained (Stable Audio 3); null keeps it.
    """
    lora_config: adapter.LoRAConfig | None = None
    """
    Train an adapter instead of the model, whose weights stay as they are; there is no moving average then. Null trains the model.
    """
    svd_bases_path: Annotated[str | None, Field(min_length=1)] = None
    """
    File of singular vectors for `-xs` adapters, of `narrows adapter bases`; null computes them.
    """
    inpainting: InpaintingConfig | None = None
    """
    Train to fill in masks; null for none.
    """
    arc: ARCConfig | None = None
    """
    Adversarial relativistic-contrastive post-training; null for none.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Largest norm of the gradient; 0 does not clip.
    """
    trim_config: TrimConfig | None = None
    """
    Shortening of batches in adversarial training.
    """
    demo: Annotated[diffusion_cond_demo.DiffusionCondDemoConfig, Field(default_factory=lambda: diffusion_cond_demo.DiffusionCondDemoConfig())]
    """
    Demos.
    """


class DiffusionCondOptimizerConfigs(ConfigModel):
    """
    Optimizers of conditional diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    diffusion: optimizer_pair.OptimizerPairConfig
    """
    The backbone's.
    """
    discriminator: optimizer_pair.OptimizerPairConfig | None = None
    """
    The discriminator's, in adversarial training.
    """
