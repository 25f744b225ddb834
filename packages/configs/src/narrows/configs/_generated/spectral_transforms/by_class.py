# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ClassTransformOptions(ConfigModel):
    """
    Options of the class.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    epsilon: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Least magnitude that is divided by; what is below it fades to zero.
    """
    alpha: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Exponent or factor.
    """
    beta: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Scale of a power.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    The same, as the second group of classes calls it.
    """


class ClassTransformConfig(ConfigModel):
    """
    A transform by the name of its class in the design documents; `kwargs` are its options.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    class_: Annotated[
        Literal['ar_spectra.models.modules.NormalisePower', 'ar_spectra.models.modules.LogMagnitude', 'ar_spectra.models.modules.Identity', 'ar_spectra.training_utils.pre_transform.PowerMagnitudeTransform', 'ar_spectra.training_utils.pre_transform.LogMagnitudeTransform', 'ar_spectra.training_utils.pre_transform.IdentityTransform'],
        Field(alias='class'),
    ]
    """
    Class; nothing is imported: the names stand for `power_norm`, `log_mag` and `identity`.
    """
    kwargs: Annotated[ClassTransformOptions, Field(default_factory=lambda: ClassTransformOptions())]
    """
    Options of the class.
    """
    apply_encoder: bool = True
    """
    Transform what the encoder sees.
    """
    apply_inverse: bool = True
    """
    Transform back what the decoder gives.
    """
    apply_target: bool = False
    """
    Transform the target of the losses.
    """
