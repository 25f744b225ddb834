# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import codebook_pattern as codebook_pattern_1
from ..blocks import depth_transformer
from ..types import codebook_pattern_name, name


class XTransformersLMOptions(ConfigModel):
    """
    Options of `x-transformers`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    embed_dim: Annotated[int, Field(ge=1)]
    """
    Width.
    """
    depth: Annotated[int, Field(ge=1)]
    """
    Layers.
    """
    heads: Annotated[int, Field(ge=1)] = 8
    """
    Attention heads.
    """
    attn_dim_head: Annotated[int, Field(ge=1)] = 64
    """
    Width of a head.
    """
    ff_mult: Annotated[float, Field(gt=0.0)] = 4
    """
    Inner width of the feed-forward layers, as a multiple.
    """
    cross_attn_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'cross-width'})
    ] = 0
    """
    Width of the cross-attention conditions; 0 for none.
    """
    prepend_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'prepend-width'})
    ] = 0
    """
    Width of the prepended conditions; 0 for none.
    """
    sum_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'sum-width'})
    ] = 0
    """
    Width of the conditions that are added to every token; 0 for none.
    """


class XTransformersLMConfig(ConfigModel):
    """
    Decoder of the package x-transformers over audio tokens: the backbone of older files.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['x-transformers']
    """
    Selects this type.
    """
    config: XTransformersLMOptions
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
    Conditioners joined along time for cross-attention.
    """
    prepend_cond_ids: list[name.Name] = []
    """
    Conditioners whose tokens are put in front of the sequence.
    """
    sum_cond_ids: list[name.Name] = []
    """
    Conditioners whose vector is added to every token.
    """
    global_cond_ids: list[name.Name] = []
    """
    Accepted for the sake of old files; the backbone has no place for them.
    """
    cross_attention: Literal['reference', 'full'] = 'reference'
    """
    What a step sees of the cross-attention conditions. `reference`: as in stable-audio-tools, all tokens, padding included; `full`: all tokens but padding.
    """
    end_token: bool = False
    """
    Predict where a sound ends: one more token of the first codebook.
    """
    depth: depth_transformer.DepthTransformerOptions | None = None
    """
    A second transformer that predicts the tokens of a step one after the other, each seeing those before it (Moshi); null for independent heads.
    """
