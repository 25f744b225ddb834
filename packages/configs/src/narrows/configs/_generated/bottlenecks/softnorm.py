# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SoftNormBottleneckOptions(ConfigModel):
    """
    Options of `softnorm`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 32
    """
    Latent channels.
    """
    noise_augment_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'noise-channels'})
    ] = 0
    """
    Channels of Gaussian noise appended to the latents on decode, with a learned scale each; the decoder takes them as extra input channels.
    """
    noise_regularize: bool = False
    """
    Add noise to the latents on decode.
    """
    auto_scale: bool = False
    """
    Divide the latents by a moving average of their deviation.
    """
    freeze: bool = False
    """
    Train neither the scales and the offset nor the moving average.
    """
    noise_level: Annotated[float, Field(ge=0.0)] = 0.05
    """
    Noise of `noise_regularize` in training, relative to the deviation of the latents; stable-audio-tools has 0.01.
    """
    noise_level_inference: Annotated[float, Field(ge=0.0)] = 0.001
    """
    The same outside training; stable-audio-tools has 0.
    """


class SoftNormBottleneckConfig(ConfigModel):
    """
    Learned scale and offset with a loss towards mean 0 and deviation 1 (Stable Audio 3). Reports `softnorm_loss` in training.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['softnorm']},
    )
    type: Literal['softnorm']
    """
    Selects this type.
    """
    config: Annotated[SoftNormBottleneckOptions, Field(default_factory=lambda: SoftNormBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
