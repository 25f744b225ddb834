# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LatentAugmentationConfig(ConfigModel):
    """
    What is done to latents between encoder and decoder in training, so that a decoder copes with latents that a model makes, and latents are simpler to make.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    noise: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Largest standard deviation of noise that is added to them, as a share of each channel's own; it is drawn for each item, from 0 up.
    """
    gain: Annotated[float, Field(ge=0.0, json_schema_extra={'x-unit': 'dB'})] = 0.0
    """
    Largest gain in dB, up or down, by which an item's latents are multiplied; the decoder has to make the audio as much louder.
    """
    shift: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of the steps in which frames are interpolated at a part of a frame; the decoder has to make the audio as much earlier.
    """
