# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay, positive_int, positive_ints


class DACRVQBottleneckOptions(ConfigModel):
    """
    Options of `dac_rvq`.
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
    noise_augment_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'noise-channels'})
    ] = 0
    """
    Channels of Gaussian noise appended to the latents on decode; the decoder takes them as extra input channels.
    """
    rotation_trick: bool = False
    """
    Pass gradients by rotating and scaling instead of copying (Fifty et al. 2024).
    """
    linear_codebook: bool = False
    """
    Codes are frozen vectors behind a trained linear layer, so that all of them move with each (SimVQ, Zhu et al. 2024). Not together with `revive_below` or `average_decay`.
    """
    revive_below: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    In training, replace codes by frames of the batch when their moving share of the frames falls below this part of an even share, and start a new codebook from the first batch; 0 does neither. 0.1 suits most.
    """
    use_decay: decay.Decay = 0.9
    """
    Decay of these moving shares, a training step.
    """
    average_decay: decay.Decay = 0.0
    """
    Codes are moving averages of the frames that choose them, with this decay a training step (van den Oord et al. 2017, appendix A), as those of `rvq` are; 0 trains them by gradient. 0.95 suits most. Not together with `linear_codebook`.
    """


class DACRVQBottleneckConfig(ConfigModel):
    """
    Residual vector quantization of the Descript Audio Codec: factorised, cosine search, learned codebooks. Reports `codes`, `z`, `latents`, `vq/codebook_loss`, `vq/commitment_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['codebook', 'commitment']},
    )
    type: Literal['dac_rvq']
    """
    Selects this type.
    """
    config: DACRVQBottleneckOptions
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
