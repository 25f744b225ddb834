# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import generation


class StudioGenerationRequest(ConfigModel):
    """
    Body of `POST /api/generations`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model: Annotated[str, Field(min_length=1)]
    """
    Name of a generative model of `GET /api/models`.
    """
    request: generation.GenerationRequest
    """
    The request; where it names a file, the id of a sound stands instead.
    """
    count: Annotated[int, Field(ge=1, le=8)] = 1
    """
    Sounds to make; their seeds count up.
    """
    preview: bool = True
    """
    Decode the denoised sound on the way, to be heard while the sampler works. Diffusion only.
    """
