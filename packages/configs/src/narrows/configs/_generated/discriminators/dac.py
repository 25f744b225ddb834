# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import adversarial_weights
from ..types import band, positive_int


class DacDiscriminatorOptions(ConfigModel):
    """
    Options of `dac`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    use_hinge: bool = False
    """
    Use the hinge of the reference, which lacks the margin for reconstructions; `loss_type` hinge has it.
    """
    loss_type: Literal['lsgan', 'hinge', 'rpgan'] = 'lsgan'
    """
    Objective.
    """
    rates: list[positive_int.PositiveInt] = []
    """
    Factors by which the sample rate is divided for discriminators of the waveform; empty for none.
    """
    periods: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=0),
    ] = [2, 3, 5, 7, 11]
    """
    Periods.
    """
    fft_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=0),
    ] = [2048, 1024, 512]
    """
    Windows of the spectrograms; the hop is a quarter.
    """
    bands: Annotated[
        list[band.Band], Field(min_length=1)
    ] = [[0.0, 0.1], [0.1, 0.25], [0.25, 0.5], [0.5, 0.75], [0.75, 1.0]]
    """
    Bands as fractions of the spectrum, from and to.
    """


class DacDiscriminatorConfig(ConfigModel):
    """
    Periods of the waveform, bands of complex spectrograms and, on request, lower sample rates (DAC, Kumar et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dac']
    """
    Selects this type.
    """
    config: Annotated[DacDiscriminatorOptions, Field(default_factory=lambda: DacDiscriminatorOptions())]
    """
    Options of this type.
    """
    weights: Annotated[adversarial_weights.AdversarialWeights, Field(default_factory=lambda: adversarial_weights.AdversarialWeights())]
    """
    Weights of the generator's terms.
    """
