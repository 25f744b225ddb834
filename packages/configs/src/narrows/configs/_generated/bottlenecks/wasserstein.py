# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class WassersteinBottleneckOptions(ConfigModel):
    """
    Options of `wasserstein`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    noise_augment_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'noise-channels'})
    ] = 0
    """
    Channels of Gaussian noise appended to the latents on decode; the decoder takes them as extra input channels.
    """
    bypass_mmd: bool = False
    """
    Skip the discrepancy; `mmd` is then zero.
    """
    use_tanh: bool = False
    """
    Bound the latents with a scaled tanh first.
    """
    tanh_scale: Annotated[float, Field(gt=0.0)] = 5.0
    """
    Largest absolute value of a latent when `use_tanh` is true.
    """


class WassersteinBottleneckConfig(ConfigModel):
    """
    Wasserstein autoencoder: pulls the latents to a normal distribution by maximum mean discrepancy. Reports `mmd` in training.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['mmd']},
    )
    type: Literal['wasserstein']
    """
    Selects this type.
    """
    config: Annotated[WassersteinBottleneckOptions, Field(default_factory=lambda: WassersteinBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
