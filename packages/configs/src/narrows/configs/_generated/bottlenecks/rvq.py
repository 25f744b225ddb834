# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class RVQBottleneckOptions(ConfigModel):
    """
    Options of `rvq`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 128
    """
    Latent channels that are quantized.
    """
    codebook_size: Annotated[int, Field(ge=1)] = 1024
    """
    Entries of each codebook.
    """
    num_quantizers: Annotated[int, Field(ge=1)] = 8
    """
    Residual stages; one token a stage and latent frame.
    """
    decay: Annotated[float, Field(ge=0.0, le=1.0)] = 0.99
    """
    Decay of the moving averages that update the codebooks.
    """
    kmeans_init: bool = True
    """
    Start the codebooks from k-means of the first training batch.
    """
    kmeans_iters: Annotated[int, Field(ge=1)] = 50
    """
    Iterations of the k-means start.
    """
    threshold_ema_dead_code: Annotated[float, Field(ge=0.0)] = 2
    """
    Codes whose moving average of hits falls below this are replaced by a frame of the batch; 0 switches it off.
    """
    codebook_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Project to this width before the search; null searches in `dim` channels.
    """
    shared_codebook: bool = False
    """
    One codebook for all stages.
    """
    quantize_dropout: bool = False
    """
    Train with a random number of stages, so that fewer tokens decode too.
    """
    quantize_dropout_cutoff_index: Annotated[int, Field(ge=0)] = 0
    """
    First stage that may be dropped, counted from 0; below `num_quantizers`.
    """
    quantize_dropout_multiple_of: Annotated[int, Field(ge=1)] = 1
    """
    The number of stages kept is rounded up to a multiple of this.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Floor of the smoothed cluster sizes.
    """
    freeze_codebook: bool = False
    """
    Stop all updates of the codebooks, their k-means start included.
    """
    sync_codebook: bool = True
    """
    Sum the moving averages over all processes of a distributed training.
    """
    sync_kmeans: bool = True
    """
    Run the k-means start over the frames of all processes instead of the first one's.
    """
    distributed_replace_codes: bool = True
    """
    Replace dead codes in all processes by the same frames.
    """
    use_cosine_sim: bool = False
    """
    Search by cosine similarity with unit-length codes.
    """
    commitment_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    commitment_use_cross_entropy_loss: bool = False
    """
    Commit by the cross entropy of the distances instead of the squared distance.
    """
    orthogonal_reg_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the codebook orthogonality term; above 0 the codebook is a parameter.
    """
    orthogonal_reg_active_codes_only: bool = False
    """
    Orthogonality only between codes that the batch uses.
    """
    orthogonal_reg_max_codes: Annotated[int | None, Field(ge=1)] = None
    """
    Orthogonality of at most so many codes, drawn at random; null takes all.
    """
    codebook_diversity_loss_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the negative entropy of the average assignment.
    """
    codebook_diversity_temperature: Annotated[float, Field(gt=0.0)] = 100.0
    """
    Factor of the similarities in that assignment.
    """
    stochastic_sample_codes: bool = False
    """
    Sample codes in training instead of taking the nearest.
    """
    sample_codebook_temp: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Temperature of that sampling.
    """
    learnable_codebook: bool = False
    """
    Train the codes by the gradient of the commitment; needs `ema_update` false.
    """
    ema_update: bool = True
    """
    Update codebooks by moving averages.
    """
    rotation_trick: bool = False
    """
    Pass gradients by rotating and scaling instead of copying (Fifty et al. 2024).
    """
    heads: Annotated[
        Literal[1], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = 1
    """
    Accepted for compatibility with older files; a residual quantizer has one head.
    """
    separate_codebook_per_head: Annotated[
        Literal[False], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = False
    """
    Accepted for compatibility with older files; there is one head.
    """
    accept_image_fmap: Annotated[
        Literal[False], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = False
    """
    Accepted for compatibility with older files; latents are sequences.
    """
    channel_last: Annotated[
        Literal[True], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = True
    """
    Accepted for compatibility with older files; the layout is handled inside.
    """
    layernorm_after_project_in: Annotated[
        Literal[False], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = False
    """
    Accepted for compatibility with older files; the stages of a residual quantizer have no projection.
    """


class RVQBottleneckConfig(ConfigModel):
    """
    Residual vector quantization with moving-average codebooks. Reports `quantizer_indices` and `quantizer_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    type: Literal['rvq']
    """
    Selects this type.
    """
    config: Annotated[RVQBottleneckOptions, Field(default_factory=lambda: RVQBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
