# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, Union

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from . import bottleneck as bottleneck_1
from . import decoder as decoder_1
from . import encoder as encoder_1
from .losses import autoencoder as autoencoder_1
from .losses import evaluation
if TYPE_CHECKING:
    from .pretransforms import (
        audiocraft_pretrained,
        dac_pretrained,
        patched,
        pqmf,
        spectrogram,
        transformers,
        wavelet,
    )
from .training import demo as demo_1
from .training import latent_augmentation as latent_augmentation_1
from .training import optimizer_pair


class PiecesOptions(ConfigModel):
    """
    How audio is cut into pieces.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})]
    """
    Length of a piece.
    """
    hop: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})]
    """
    From the start of a piece to that of the next: at least half of `length`, at most all of it. Where two pieces lie over each other, one is faded into the other.
    """
    normalize: bool = False
    """
    Divide each piece by its root mean square, which is kept beside its latents and codes.
    """


class AutoencoderConfig(ConfigModel):
    """
    An autoencoder with its training: a model file of stable-audio-tools.
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
    model_type: Literal['autoencoder']
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
    model: "AutoencoderOptions"
    """
    The parts of the autoencoder.
    """
    training: Optional["AutoencoderTrainingConfig"] = None
    """
    Training; null for a model that is only used.
    """


class AutoencoderOptions(ConfigModel):
    """
    Parts and shapes of an autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    encoder: encoder_1.EncoderConfig
    """
    Encoder.
    """
    decoder: decoder_1.DecoderConfig
    """
    Decoder.
    """
    bottleneck: bottleneck_1.BottleneckConfig | None = None
    """
    Bottleneck; null for a plain autoencoder.
    """
    pretransform: Optional["PretransformConfig"] = None
    """
    Transform in front of the encoder and behind the decoder; null for none.
    """
    latent_dim: Annotated[int, Field(ge=1)]
    """
    Channels of the latents, after the bottleneck.
    """
    downsampling_ratio: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ]
    """
    Samples per latent frame: the product of the strides (and of the pretransform's).
    """
    io_channels: Annotated[int, Field(ge=1)]
    """
    Audio channels in and out.
    """
    in_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Audio channels in, where they differ from `io_channels`.
    """
    out_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Audio channels out, where they differ from `io_channels`.
    """
    channel_policy: Literal['error', 'duplicate', 'downmix', 'fold'] = 'duplicate'
    """
    What becomes of audio with another number of channels than the model's. `duplicate` repeats mono and refuses more channels than the model takes; `downmix` also mixes more channels down (one channel: their mean; two: the first two); `fold` also codes more channels apart, in groups of the model's number, and gives all of them back; `error` refuses every difference.
    """
    pieces: PiecesOptions | None = None
    """
    Code the audio in pieces that know nothing of each other, as EnCodec does at 48 kHz: a latent frame is a whole piece, its frames one below the other; null for one network over the whole clip. `latent_dim` and `downsampling_ratio` stay those of the networks within a piece.
    """


if TYPE_CHECKING:
    PretransformConfig = TypeAliasType(
        "PretransformConfig",
        Annotated[
            Union["AutoencoderPretransformConfig", wavelet.WaveletPretransformConfig, pqmf.PQMFPretransformConfig, patched.PatchedPretransformConfig, spectrogram.SpectrogramPretransformConfig, dac_pretrained.DACPretrainedPretransformConfig, audiocraft_pretrained.AudiocraftPretrainedPretransformConfig, transformers.TransformersPretransformConfig],
            Field(discriminator='type', title='PretransformConfig'),
        ],
    )
else:
    PretransformConfig = TypeAliasType(
        'PretransformConfig',
        Annotated[Any, Tagged('type', {
            'autoencoder': 'pretransforms.autoencoder:AutoencoderPretransformConfig',
            'wavelet': 'pretransforms.wavelet:WaveletPretransformConfig',
            'pqmf': 'pretransforms.pqmf:PQMFPretransformConfig',
            'patched': 'pretransforms.patched:PatchedPretransformConfig',
            'spectrogram': 'pretransforms.spectrogram:SpectrogramPretransformConfig',
            'dac_pretrained': 'pretransforms.dac_pretrained:DACPretrainedPretransformConfig',
            'audiocraft_pretrained': 'pretransforms.audiocraft_pretrained:AudiocraftPretrainedPretransformConfig',
            'transformers': 'pretransforms.transformers:TransformersPretransformConfig',
        })],
    )
"""
Transform in front of an encoder and behind a decoder, by `type`.
"""


class AutoencoderPretransformConfig(ConfigModel):
    """
    An autoencoder. Its weights come with those of the model around it, or from a file of their own.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['autoencoder']
    """
    Selects this type.
    """
    config: AutoencoderOptions
    """
    The parts of the autoencoder: what is below `model` in its own file.
    """
    scale: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = 1.0
    """
    Latents are divided by it in encoding and multiplied in decoding; not 0.
    """
    standardize: bool = False
    """
    Bring each channel of the latents to mean 0 and standard deviation 1, before `scale`, by the statistics of the pre-encoded data that a diffusion model is first trained on; they are saved with its weights.
    """
    model_half: bool = False
    """
    Keep and run the autoencoder in float16; what goes in and out is float32.
    """
    iterate_batch: bool = False
    """
    Work on one item of a batch at a time, to save memory.
    """
    chunked: bool = False
    """
    Work on chunks of 128 latent frames that overlap by 32, to save memory. As in the reference, on whose latents models were trained, the result differs slightly where chunks meet.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """


class LossBalancing(ConfigModel):
    """
    Balancing of losses by their gradients.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    total_norm: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Norm of the balanced gradient at the output, which the shares add up to.
    """
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.999
    """
    Decay of the moving average of each gradient's norm.
    """


class AutoencoderTrainingConfig(ConfigModel):
    """
    Training of an autoencoder. A step is one generator update, everywhere.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW of every part (betas 0.8, 0.99); needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["AutoencoderOptimizerConfigs"] = None
    """
    Optimizers by part; null gives every part the default AdamW.
    """
    loss_configs: Annotated[autoencoder_1.AutoencoderLossConfigs, Field(json_schema_extra={'x-role': 'null-is-replaced'}, default_factory=lambda: autoencoder_1.AutoencoderLossConfigs())]
    """
    Losses. Null, or left out, takes those that stable-audio-tools has built in: `spectral` at seven scales (2048 to 32 samples, hops of a quarter, perceptual weighting) with weight 1; the `encodec` discriminator at the same scales with 32 filters, adversarial 0.1 and feature matching 5; `time` l1 with weight 0; the bottleneck's own weights.
    """
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Steps before the autoencoder is trained against the discriminator.
    """
    warmup_mode: Literal['adv', 'full'] = 'adv'
    """
    What the discriminator does during `warmup_steps`: `adv` trains it already, without showing it to the autoencoder; `full` leaves it untouched.
    """
    discriminator_batch: Literal['same', 'next'] = 'same'
    """
    What the discriminator learns from: `same` takes the batch and the output of the autoencoder's own step, one forward pass for both; `next` draws another batch, as the reference does.
    """
    encoder_freeze_on_warmup: bool = False
    """
    Stop training the encoder when `warmup_steps` are over.
    """
    use_ema: bool = False
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    """
    Largest decay of the average; it rises as 1 - (1 + step)^-0.75.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 1000.0
    """
    Clip the gradient norm of each part to this; 0 switches it off. The default only catches explosions.
    """
    clip_grad_percentile: Annotated[float | None, Field(gt=0.0, le=100.0)] = None
    """
    Clip the gradient norm of each part also to this percentile of its last 200 norms, once there are 10 (Seetharaman et al. 2020, arXiv 2007.14469); null does not.
    """
    loss_balancing: LossBalancing | None = None
    """
    Give each loss of the output the share of the gradient that its weight says, whatever its value (Défossez et al. 2022, section 3.4); null multiplies values by weights. Losses of the bottleneck are left as they are.
    """
    force_input_mono: bool = False
    """
    Average the input to one channel.
    """
    latent_mask_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of latent values set to zero in training.
    """
    latent_augmentation: latent_augmentation_1.LatentAugmentationConfig | None = None
    """
    Further changes to latents in training.
    """
    teacher_model: AutoencoderConfig | None = None
    """
    A model whose latents and output the model learns to share: distillation.
    """
    teacher_model_ckpt: Annotated[str | None, Field(min_length=1)] = None
    """
    Weights of the teacher; every tensor must fit.
    """
    eval_loss_configs: evaluation.EvaluationLossConfigs | None = None
    """
    Metrics of validation, beside those it always has.
    """
    demo: Annotated[demo_1.DemoConfig, Field(default_factory=lambda: demo_1.DemoConfig())]
    """
    Demos.
    """


class AutoencoderOptimizerConfigs(ConfigModel):
    """
    Optimizers of autoencoder training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    autoencoder: optimizer_pair.OptimizerPairConfig
    """
    The autoencoder's.
    """
    discriminator: optimizer_pair.OptimizerPairConfig | None = None
    """
    The discriminator's; needed when there is one.
    """
