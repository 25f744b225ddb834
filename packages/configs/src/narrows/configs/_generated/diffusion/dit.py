# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..blocks import attention, feed_forward, norm
from ..types import natural
from ..types import norm_type as norm_type_1
from ..types import objective


class DiTOptions(ConfigModel):
    """
    Options of `dit`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    io_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'diffused-channels'})
    ] = 32
    """
    Channels that are diffused; what the pretransform gives, or audio channels.
    """
    in_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Name of `io_channels` in `diffusion_uncond`; nowhere else.
    """
    patch_size: Annotated[
        int,
        Field(ge=1, json_schema_extra={'x-unit': 'latent frames', 'x-role': 'patch'}),
    ] = 1
    """
    Frames of a token.
    """
    embed_dim: Annotated[int, Field(ge=1)] = 768
    """
    Width.
    """
    cond_token_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'cross-width'})
    ] = 0
    """
    Width of the cross-attention conditions; 0 for none.
    """
    project_cond_tokens: bool = True
    """
    Project the conditions to `embed_dim`.
    """
    global_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'global-width'})
    ] = 0
    """
    Width of all global conditions together; 0 for none.
    """
    project_global_cond: bool = True
    """
    Project the global conditions to `embed_dim`.
    """
    input_concat_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'concat-width'})
    ] = 0
    """
    Channels of all conditions joined to the input; 0 for none.
    """
    prepend_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'prepend-width'})
    ] = 0
    """
    Width of the prepended conditions; 0 for none.
    """
    depth: Annotated[int, Field(ge=1)] = 12
    """
    Layers.
    """
    num_heads: Annotated[int, Field(ge=1)] = 8
    """
    Attention heads; they divide `embed_dim`.
    """
    transformer_type: Literal['continuous_transformer'] = 'continuous_transformer'
    """
    Kind of transformer.
    """
    global_cond_type: Literal['prepend', 'adaLN'] = 'prepend'
    """
    How timestep and global conditions enter: as a token in front, or through adaptive norms.
    """
    timestep_cond_type: Literal['global', 'input_concat'] = 'global'
    """
    How the timestep enters: with the global conditions, or as input channels.
    """
    timestep_embed_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Channels of the timestep for `input_concat`.
    """
    timestep_features_type: Literal['learned', 'expo'] = 'learned'
    """
    Fourier features of the timestep: learned frequencies or exponential ones (Stable Audio 3).
    """
    timestep_features_dim: Annotated[int, Field(ge=1)] = 256
    """
    Number of those features.
    """
    timestep_features_logsnr: bool = False
    """
    Feed the log signal-to-noise ratio instead of the timestep (Stable Audio 3).
    """
    diffusion_objective: objective.DiffusionObjective | None = None
    """
    What is predicted. Given here in `diffusion_autoencoder` only; conditional models give it beside `config`.
    """
    causal: bool = False
    """
    Attend to the past only, in cross-attention as well.
    """
    local_add_cond_dim: Annotated[
        int, Field(ge=0, json_schema_extra={'x-role': 'local-width'})
    ] = 0
    """
    Width of the conditions added frame by frame (Stable Audio 3); 0 for none.
    """
    cross_attn_rotary_pos_emb: bool = False
    """
    Rotary positions in cross-attention (Stable Audio 3).
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
    norm_type: norm_type_1.NormType | None = None
    """
    Kind of normalisation (Stable Audio 3); null follows `remove_norms`.
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


class DiTConfig(ConfigModel):
    """
    Diffusion transformer of Stable Audio (Evans et al. 2024).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dit']
    """
    Selects this type.
    """
    config: Annotated[DiTOptions, Field(default_factory=lambda: DiTOptions())]
    """
    Options of this type.
    """
