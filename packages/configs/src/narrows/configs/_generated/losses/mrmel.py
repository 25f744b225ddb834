# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class MelLossWeights(ConfigModel):
    """
    Weights of the mel term.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mrmel: Annotated[float, Field(ge=0.0)]
    """
    Weight; 0 switches the term off.
    """


class MelLossOptions(ConfigModel):
    """
    Scales and distances. `n_mels` and `window_lengths` have equal length.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    n_mels: Annotated[list[positive_int.PositiveInt], Field(min_length=1)] = [150, 80]
    """
    Mel bands of each scale.
    """
    window_lengths: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-unit': 'samples', 'x-role': 'centred-windows'},
            min_length=1,
        ),
    ] = [2048, 512]
    """
    Window of each scale; the hop is a quarter.
    """
    pow: Annotated[float, Field(gt=0.0)] = 2.0
    """
    Exponent of magnitudes inside the logarithm.
    """
    log_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the distance of logarithms.
    """
    mag_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the linear distance.
    """
    clamp_eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Floor of magnitudes inside the logarithm.
    """


class MelLossConfig(ConfigModel):
    """
    Multi-scale mel spectrogram loss of DAC (Kumar et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[MelLossOptions, Field(default_factory=lambda: MelLossOptions())]
    """
    Options.
    """
    weights: MelLossWeights
    """
    Weights.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
