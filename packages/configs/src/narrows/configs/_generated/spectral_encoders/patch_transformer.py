# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import auto, positive_int, ratio_pair


class PatchTransformerEncoderOptions(ConfigModel):
    """
    Options of `patch_transformer`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    input_size: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram; `auto` takes those of the data.
    """
    dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 4
    """
    Latent channels of a row of patches; twice the decoder's for variational bottlenecks.
    """
    depth: Annotated[int, Field(ge=1)] = 4
    """
    Transformer blocks.
    """
    n_heads: Annotated[int, Field(ge=1)] = 8
    """
    Heads of the attention; a divisor of `inter_dim`.
    """
    dropout_rate: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.05
    """
    Share dropped in training, of attention weights and of what each layer adds.
    """
    patch_size: ratio_pair.RatioPair = [16, 16]
    """
    Bins and frames of a patch.
    """
    image_size: ratio_pair.RatioPair = [1025, 128]
    """
    Bins of the spectrogram, and frames that attention sees at once: longer ones are taken in windows of so many frames, each alone.
    """
    inter_dim: Annotated[int, Field(ge=1)] = 64
    """
    Features of a patch inside the transformer.
    """
    mlp_ch_mult: Annotated[int, Field(ge=1)] = 4
    """
    Features inside the feed-forward networks, as a multiple of `inter_dim`.
    """
    use_pos_enc: bool = True
    """
    Tell patches their place by learned vectors, one a row and one a column of a window.
    """
    downsample_ratio: Annotated[int, Field(ge=1)] = 1
    """
    Patches in time that one latent frame stands for; a divisor of those of a window.
    """
    is_complex: bool = False
    """
    Complex weights, for complex spectrograms: exactly where `cac` is false.
    """


class PatchTransformerEncoderConfig(ConfigModel):
    """
    Transformer over patches of spectrograms, real or complex (`simple_transformer_AE` of EulerAudioBackbone).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['patch_transformer']
    """
    Selects this type.
    """
    config: Annotated[PatchTransformerEncoderOptions, Field(default_factory=lambda: PatchTransformerEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
