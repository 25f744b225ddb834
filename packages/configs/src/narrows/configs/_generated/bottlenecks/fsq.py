# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import level


class FSQBottleneckOptions(ConfigModel):
    """
    Options of `fsq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    levels: Annotated[
        list[level.Level],
        Field(json_schema_extra={'x-role': 'codebook-channels'}, min_length=1),
    ]
    """
    Levels of each quantized channel; their product is the codebook size.
    """
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Latent channels; null means `len(levels) * num_codebooks`, any other value adds linear projections.
    """
    noise_augment_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'noise-channels'})
    ] = 0
    """
    Channels of Gaussian noise appended to the latents on decode; the decoder takes them as extra input channels.
    """
    projection_has_bias: bool = True
    """
    Bias of the linear projections.
    """
    preserve_symmetry: bool = False
    """
    Levels at equal distance from -1 to 1; false leaves 1 out for even levels, as the first paper does.
    """
    bound_hard_clamp: bool = False
    """
    Bound the values by clipping instead of a tanh.
    """
    noise_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Probability, in training, of adding uniform noise of up to half a unit to a value; needs `preserve_symmetry`.
    """
    scale: Annotated[
        float | None, Field(json_schema_extra={'x-role': 'compatibility'})
    ] = None
    """
    Accepted for compatibility with older files; the reference stores it and never uses it.
    """
    keep_num_codebooks_dim: Annotated[
        bool | None, Field(json_schema_extra={'x-role': 'compatibility'})
    ] = None
    """
    Accepted for compatibility with older files; tokens always keep the codebook axis.
    """
    channel_first: Annotated[
        Literal[False], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = False
    """
    Accepted for compatibility with older files; the layout is handled inside.
    """
    return_indices: Annotated[
        Literal[True], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = True
    """
    Accepted for compatibility with older files; tokens are always reported.
    """


class FSQBottleneckConfig(ConfigModel):
    """
    Finite scalar quantization (Mentzer et al. 2023): each channel is rounded to a few levels; no codebook is learned. Reports `quantizer_indices`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['fsq']
    """
    Selects this type.
    """
    config: FSQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
