# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int, positive_ints


class DACRVQVAEBottleneckOptions(ConfigModel):
    """
    Options of `dac_rvq_vae`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    n_codebooks: Annotated[int, Field(ge=1)]
    """
    Residual stages; one token a stage and latent frame.
    """
    codebook_size: Annotated[int, Field(ge=1)]
    """
    Entries of each codebook.
    """
    quantize_on_decode: bool = False
    """
    Leave latents continuous on encode and quantize on decode; the quantizer reports no losses then.
    """
    input_dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 512
    """
    Latent channels that are quantized.
    """
    codebook_dim: positive_int.PositiveInt | positive_ints.PositiveInts = 8
    """
    Width in which codes are searched: one number, or one a stage.
    """
    quantizer_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of a training batch that uses a random number of stages.
    """


class DACRVQVAEBottleneckConfig(ConfigModel):
    """
    Variational sampling followed by the Descript quantizer. Reports `kl` as well.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={
            'x-encoder-channels': 2,
            'x-losses': ['kl', 'codebook', 'commitment'],
        },
    )
    type: Literal['dac_rvq_vae']
    """
    Selects this type.
    """
    config: DACRVQVAEBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
