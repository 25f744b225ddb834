# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AdversarialWeights(ConfigModel):
    """
    Weights of what a discriminator gives the generator.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    adversarial: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Adversarial term.
    """
    feature_matching: Annotated[float, Field(ge=0.0)] = 5.0
    """
    Distance of the discriminator's feature maps.
    """
