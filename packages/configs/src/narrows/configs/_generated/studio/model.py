# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import generation_defaults


class StudioField(ConfigModel):
    """
    One condition.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    Key in `conditions` of a request.
    """
    kind: Literal['text', 'number', 'integer', 'choice', 'audio', 'sources', 'other']
    """
    What its value is: of `audio` the id of a sound, of `sources` a mapping of some of `options` to ids; `other` values, e.g. encoded tensors, have no place in a request: call the model from Python.
    """
    min: float | None
    """
    Least value of a number.
    """
    max: float | None
    """
    Greatest value of a number.
    """
    options: list[str]
    """
    Values of a choice, or names of sources.
    """


class StudioForm(ConfigModel):
    """
    What a generative model can be asked for.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fields: list[StudioField]
    """
    Its conditions.
    """
    text: str | None
    """
    Id of the condition that `prompt` of a request fills; null for none.
    """
    max_seconds: Annotated[float | None, Field(json_schema_extra={'x-unit': 's'})]
    """
    Length that it was trained with; null where any is possible.
    """
    samplers: list[str]
    """
    Samplers that fit; empty for language models.
    """
    schedules: list[str]
    """
    Schedules by name; empty for language models.
    """
    inpaints: bool
    """
    Whether it makes regions of a sound anew.
    """
    defaults: generation_defaults.GenerationDefaults
    """
    Fields of a request that its document sets.
    """


class StudioModel(ConfigModel):
    """
    One model that the studio was given.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: str
    """
    What other calls name it.
    """
    kind: Literal['codec', 'diffusion', 'language_model']
    """
    What it does.
    """
    sample_rate: Annotated[int, Field(json_schema_extra={'x-unit': 'Hz'})]
    """
    Of its sounds.
    """
    channels: int
    """
    Of its sounds.
    """
    codebooks: int | None
    """
    Codebooks of a codec of which the first ones can be used alone; null for others.
    """
    license: str | None
    """
    Licence that its document states; null for none.
    """
    form: StudioForm | None
    """
    What a generative model is asked; null for codecs.
    """
