# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import codebook_pattern as codebook_pattern_1
from ..blocks import depth_transformer
from ..types import codebook_pattern_name, name


class MusicGenLMOptions(ConfigModel):
    """
    Options of `musicgen`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    embed_dim: Annotated[int, Field(ge=4)]
    """
    Width; a multiple of `heads`.
    """
    depth: Annotated[int, Field(ge=1)]
    """
    Layers.
    """
    heads: Annotated[int, Field(ge=1)] = 16
    """
    Attention heads.
    """
    ff_mult: Annotated[float, Field(gt=0.0)] = 4
    """
    Inner width of the feed-forward layers, as a multiple.
    """
    cross_attn_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'cross-width'})
    ] = 0
    """
    Width of the cross-attention conditions, 768 for t5-base; 0 for none.
    """


class MusicGenLMConfig(ConfigModel):
    """
    The transformer of MusicGen (Copet et al. 2023), which takes its published weights.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['musicgen']
    """
    Selects this type.
    """
    config: MusicGenLMOptions
    """
    Options of this type.
    """
    codebook_pattern: Annotated[
        codebook_pattern_name.CodebookPatternName | codebook_pattern_1.CodebookPatternConfig,
        Field(validate_default=True),
    ] = 'delay'
    """
    In which order the tokens of a frame are predicted: a name, or a pattern with options.
    """
    cross_attention_cond_ids: list[name.Name] = []
    """
    Conditioners joined along time for cross-attention; padding is not seen.
    """
    end_token: bool = False
    """
    Predict where a sound ends: one more token of the first codebook.
    """
    depth: depth_transformer.DepthTransformerOptions | None = None
    """
    A second transformer that predicts the tokens of a step one after the other, each seeing those before it (Moshi); null for independent heads.
    """
