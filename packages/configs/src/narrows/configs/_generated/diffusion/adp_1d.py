# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import natural, positive_int


class ADP1dOptions(ConfigModel):
    """
    Options of `adp_1d` and `adp_uncond_1d`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    in_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'diffused-channels'})
    ]
    """
    Channels that are diffused.
    """
    channels: Annotated[int, Field(ge=1)]
    """
    Base width; a multiple of `resnet_groups`, and of 32 where attention is on.
    """
    multipliers: Annotated[list[positive_int.PositiveInt], Field(min_length=2)]
    """
    Width of each level as a multiple of `channels`; one more than `factors`.
    """
    factors: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ]
    """
    Downsampling of each level.
    """
    num_blocks: Annotated[list[positive_int.PositiveInt], Field(min_length=1)]
    """
    Blocks of each level.
    """
    attentions: Annotated[list[natural.Natural], Field(min_length=1)]
    """
    Transformer blocks of each level; the last entry is the innermost part.
    """
    patch_size: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 1
    """
    Frames of a patch.
    """
    resnet_groups: Annotated[int, Field(ge=1)] = 8
    """
    Groups of the group norms.
    """
    use_context_time: bool = True
    """
    Condition on the timestep.
    """
    kernel_multiplier_downsample: Annotated[int, Field(ge=1)] = 2
    """
    Kernel of a downsampling as a multiple of its factor; even.
    """
    use_nearest_upsample: bool = False
    """
    Nearest upsampling and a convolution instead of a transposed one.
    """
    use_skip_scale: bool = True
    """
    Scale the skip connections by the square root of one half.
    """
    use_stft: bool = False
    """
    Work on a short-time Fourier transform.
    """
    use_stft_context: bool = False
    """
    Transform the joined conditions as well.
    """
    out_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Channels out; null for `in_channels`.
    """
    context_features: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'global-width'})
    ] = None
    """
    Width of all global conditions together; null for none.
    """
    context_features_multiplier: Annotated[int, Field(ge=1)] = 4
    """
    Inner width of their mapping, as a multiple.
    """
    context_channels: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-role': 'concat-width'}, min_length=1),
    ] = None
    """
    Channels of the conditions joined at each level; the first entry joins the input.
    """
    attention_heads: Annotated[int | None, Field(ge=1)] = None
    """
    Heads; this or `attention_features` where attention is on.
    """
    attention_features: Annotated[int | None, Field(ge=1)] = None
    """
    Width of a head.
    """
    attention_multiplier: Annotated[int | None, Field(ge=1)] = None
    """
    Inner width of the feed-forward layers, as a multiple; needed where attention is on.
    """
    stft_num_fft: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    FFT size; needed with `use_stft`.
    """
    stft_hop_length: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Hop; null for a quarter of the FFT size.
    """
    stft_window_length: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Window; null for the FFT size.
    """
    stft_length: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Length of the signal after the inverse transform; null keeps it.
    """
    stft_use_complex: bool = False
    """
    Real and imaginary part instead of magnitude and phase.
    """
    context_embedding_features: Annotated[int | None, Field(ge=1)] = None
    """
    Width of the cross-attention conditions that the attention blocks are built for; null for none.
    """


class ADP1dConfig(ConfigModel):
    """
    U-Net of Moûsai (Schneider et al. 2023), package audio-diffusion-pytorch, without cross-attention.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['adp_1d']
    """
    Selects this type.
    """
    config: ADP1dOptions
    """
    Options of this type.
    """
