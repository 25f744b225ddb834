# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import generation_defaults, unconditional_diffusion
from ..training import diffusion_uncond


class DiffusionUncondConfig(ConfigModel):
    """
    Unconditional diffusion with its training.
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
    model_type: Literal['diffusion_uncond']
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
    model: unconditional_diffusion.UnconditionalDiffusionConfig
    """
    The backbone, and the transform to what it diffuses.
    """
    generation: generation_defaults.GenerationDefaults | None = None
    """
    What the weights want to be sampled with; null for what the reference does.
    """
    training: diffusion_uncond.DiffusionUncondTrainingConfig | None = None
    """
    Training; null for a model that is only used.
    """
