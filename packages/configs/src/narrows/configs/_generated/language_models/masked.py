# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name, positive_int


class MaskedLMOptions(ConfigModel):
    """
    Options of `masked`.
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
    subcodes_context: Annotated[
        int | None, Field(ge=0, json_schema_extra={'x-unit': 'frames'})
    ] = 5
    """
    Frames on each side that are seen when the tokens of the second and further codebooks are filled in; null for all.
    """


class MaskedDecodingOptions(ConfigModel):
    """
    Filling in hidden tokens, the likeliest first.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    steps: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [20, 10, 10, 10]
    """
    Steps of each codebook; the last holds for those behind it too.
    """
    span_scoring: Literal['max', 'prod'] = 'max'
    """
    How sure a span is: as its likeliest token (`max`), or as all of them together (`prod`).
    """
    span_arrangement: Literal['nonoverlap', 'stride1'] = 'nonoverlap'
    """
    Which spans may be hidden again: those of a fixed grid (`nonoverlap`), or those that begin at any frame (`stride1`).
    """
    anneal_temperature: bool = True
    """
    Lower the temperature to 0 over the steps of a codebook.
    """
    final_cfg_scale: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Guidance of the last step of a codebook; the first has `cfg_scale`.
    """


class MaskedLMConfig(ConfigModel):
    """
    A transformer that fills in hidden tokens, codebook by codebook (MAGNeT, Ziv et al. 2024, arXiv 2401.04577); it takes the weights of AudioCraft.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['masked']
    """
    Selects this type.
    """
    config: MaskedLMOptions
    """
    Options of this type.
    """
    cross_attention_cond_ids: list[name.Name] = []
    """
    Conditioners joined along time for cross-attention; padding is not seen.
    """
    span_len: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'frames'})] = 3
    """
    Frames that are hidden together, in training and in generation.
    """
    decoding: Annotated[MaskedDecodingOptions, Field(default_factory=lambda: MaskedDecodingOptions())]
    """
    How hidden tokens are filled in.
    """
