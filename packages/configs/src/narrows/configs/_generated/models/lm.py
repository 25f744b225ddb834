# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import conditioning as conditioning_1
from .. import language_model
from .._internal_1 import PretransformConfig
from ..training import lm as lm_1


class LMConfig(ConfigModel):
    """
    A language model over audio tokens, with its training.
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
    model_type: Literal['lm']
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
    model: "LMOptions"
    """
    The parts of the model.
    """
    training: lm_1.LMTrainingConfig | None = None
    """
    Training; null for a model that is only used.
    """


class LMOptions(ConfigModel):
    """
    Parts of a language model.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lm: language_model.LanguageModelConfig
    """
    Backbone, pattern and where the conditions enter.
    """
    pretransform: PretransformConfig
    """
    Tokenizer: a pretransform with a discrete bottleneck.
    """
    conditioning: conditioning_1.ConditioningConfig | None = None
    """
    Conditioners; null for none.
    """
