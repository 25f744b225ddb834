# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibraryRandomProjectionQuantizerOptions(ConfigModel):
    """
    `RandomProjectionQuantizer` of vector-quantize-pytorch. Random projection and a random codebook, neither trained (BEST-RQ).
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    quantizer: Literal['RandomProjectionQuantizer']
    """
    Class of vector-quantize-pytorch.
    """
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels.
    """
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values a token can take; of the `LFQ` classes a power of 2.
    """
    codebook_dim: Annotated[int, Field(ge=1)]
    """
    Width in which codes are searched; null searches in all channels.
    """
    num_codebooks: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'codebooks'})
    ] = 1
    """
    Codebooks side by side; one token each a latent frame.
    """
    norm: bool = True
    """
    Normalise every frame over its channels first.
    """
