# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import codebook_pattern as codebook_pattern_1
from ..blocks import attention, depth_transformer, feed_forward, norm
from ..types import codebook_pattern_name, name, natural


class TransformerLMOptions(ConfigModel):
    """
    Options of `continuous_transformer`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    embed_dim: Annotated[int, Field(ge=1)]
    """
    Width; a multiple of `dim_heads`.
    """
    depth: Annotated[int, Field(ge=1)]
    """
    Layers.
    """
    dim_heads: Annotated[int, Field(ge=1)] = 64
    """
    Width of a head; at least 32 with rotary positions.
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
    project_cross_attn_cond: bool = False
    """
    Project the conditions to `embed_dim`; needed with cross-attention.
    """
    final_cross_attn_ix: Annotated[int, Field(ge=-1)] = -1
    """
    Last layer with cross-attention; -1 for every layer.
    """
    rotary_pos_emb: bool = True
    """
    Rotary positions; heads must be at least 32 wide.
    """
    zero_init_branch_outputs: bool = True
    """
    Start every branch at zero; off where `layer_scale` is on.
    """
    conformer: bool = False
    """
    A convolution module in every layer.
    """
    use_sinusoidal_emb: bool = False
    """
    Sinusoidal positions.
    """
    use_abs_pos_emb: bool = False
    """
    Learned absolute positions; they win over sinusoidal ones.
    """
    abs_pos_emb_max_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'tokens'})
    ] = 10000
    """
    Longest sequence of the absolute positions, prepended tokens included.
    """
    num_memory_tokens: Annotated[
        int, Field(ge=0, json_schema_extra={'x-unit': 'tokens'})
    ] = 0
    """
    Learned tokens in front of the sequence.
    """
    sliding_window: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-unit': 'tokens'}, max_length=2, min_length=2),
    ] = None
    """
    Tokens seen before and after each one; null for all.
    """
    remove_norms: bool = False
    """
    Dynamic tanh instead of layer norms.
    """
    add_rope: bool = False
    """
    Rotary positions added to the input; only effective without `rotary_pos_emb`.
    """
    layer_scale: bool = False
    """
    Learned scale of every branch.
    """
    attn_kwargs: Annotated[attention.AttentionOptions, Field(default_factory=lambda: attention.AttentionOptions())]
    """
    Attention layers.
    """
    ff_kwargs: Annotated[feed_forward.FeedForwardOptions, Field(default_factory=lambda: feed_forward.FeedForwardOptions())]
    """
    Feed-forward layers.
    """
    norm_kwargs: Annotated[norm.NormOptions, Field(default_factory=lambda: norm.NormOptions())]
    """
    Layer norms.
    """


class TransformerLMConfig(ConfigModel):
    """
    Transformer over audio tokens.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['continuous_transformer']
    """
    Selects this type.
    """
    config: TransformerLMOptions
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
    What a step sees of the cross-attention conditions. `reference`: as in stable-audio-tools, the first tokens, as many as there have been steps, padding included; `full`: all tokens but padding.
    """
    end_token: bool = False
    """
    Predict where a sound ends: one more token of the first codebook.
    """
    depth: depth_transformer.DepthTransformerOptions | None = None
    """
    A second transformer that predicts the tokens of a step one after the other, each seeing those before it (Moshi); null for independent heads.
    """
