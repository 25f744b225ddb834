# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

RegionItem = TypeAliasType("RegionItem", Annotated[float, Field(ge=0.0)])


Region = TypeAliasType(
    "Region", Annotated[list[RegionItem], Field(max_length=2, min_length=2)]
)


class GenerationRequest(ConfigModel):
    """
    One sound to be generated: a line of a prompt file, and what the JSON beside an output repeats.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    prompt: str | None = None
    """
    Text for the condition `prompt`, or else for the first text conditioner; null for none.
    """
    conditions: dict[str, Any] = {}
    """
    Further conditions by the id of their conditioner; those that are audio are paths of files, or mappings of sources to paths.
    """
    negative: str | dict[str, Any] | None = None
    """
    Text to stay away from, or conditions that differ from those above; null for none. Diffusion only.
    """
    seconds: Annotated[
        float | None, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Length; null for that of the condition `seconds_total`, of `inpaint`, or of the model.
    """
    seed: Annotated[int | None, Field(ge=0, le=9223372036854775807)] = None
    """
    Of all noise of this sound; null for a new one.
    """
    steps: Annotated[int | None, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = (
        None
    )
    """
    Steps of the sampler; null for its own. Diffusion only.
    """
    cfg_scale: float | None = None
    """
    Guidance: 1 is none; null for 6 in diffusion models with conditions (as in stable-audio-tools), else 1.
    """
    sampler: str | None = None
    """
    Type of the sampler; null for that of the reference. Diffusion only.
    """
    schedule: str | None = None
    """
    Type of the schedule; null for that of the sampler. Diffusion only.
    """
    init_audio: str | None = None
    """
    Audio file to vary; null for none. Diffusion only.
    """
    init_noise_level: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Noise to start a variation from, in the unit of the sampler's `sigma_max`.
    """
    inpaint: str | None = None
    """
    Audio file of which regions are generated anew; null for none. Diffusion only.
    """
    regions: Annotated[list[Region], Field(json_schema_extra={'x-unit': 's'})] = []
    """
    Start and end of what is generated anew; the rest comes back bit for bit.
    """
    loop: bool = False
    """
    Make a sound that repeats without a seam. Diffusion only.
    """
    extend: Annotated[
        float | None, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Go on for so long behind `seconds`, beyond the trained length too, by overlapping windows; null for not at all. Diffusion only.
    """
    temperature: Annotated[float | None, Field(ge=0.0)] = None
    """
    Spread of the draws, 0 for the likeliest token; null for 1. Language models only.
    """
    top_k: Annotated[int | None, Field(ge=0)] = None
    """
    Draw from so many of the likeliest tokens, 0 for all; null for 250. Language models only.
    """
    top_p: Annotated[float | None, Field(ge=0.0, le=1.0)] = None
    """
    Draw from the likeliest tokens that have this share together, 0 for all; null for 0. Language models only.
    """
    prompt_audio: str | None = None
    """
    Audio file that is continued; null for none. Language models only.
    """
