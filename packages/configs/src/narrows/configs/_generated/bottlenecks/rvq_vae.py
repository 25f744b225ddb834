# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class RVQVAEBottleneckOptions(ConfigModel):
    """
    Options of `rvq_vae`.
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
    Start the codebooks from k-means of the first batch.
    """
    kmeans_iters: Annotated[int, Field(ge=1)] = 50
    """
    Iterations of the k-means start.
    """
    threshold_ema_dead_code: Annotated[float, Field(ge=0.0)] = 2
    """
    Codes whose moving average of hits falls below this are replaced; 0 switches it off.
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
    First stage that may be dropped.
    """
    quantize_dropout_multiple_of: Annotated[int, Field(ge=1)] = 1
    """
    The number of stages kept is a multiple of this.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Floor of the smoothed cluster sizes.
    """
    freeze_codebook: bool = False
    """
    Stop codebook updates.
    """
    sync_kmeans: bool = True
    """
    Run the k-means start over all ranks.
    """
    use_cosine_sim: bool = False
    """
    Search by cosine similarity with unit-length codes.
    """
    commitment_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    orthogonal_reg_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the codebook orthogonality term.
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
    Train codebooks by gradient; needs `ema_update` false.
    """
    ema_update: bool = True
    """
    Update codebooks by moving averages.
    """
    rotation_trick: bool = False
    """
    Pass gradients by rotating and scaling instead of copying (Fifty et al. 2024).
    """


class RVQVAEBottleneckConfig(ConfigModel):
    """
    Variational sampling followed by residual vector quantization. Reports `kl`, `quantizer_indices` and `quantizer_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-encoder-channels': 2, 'x-losses': ['kl', 'quantizer']},
    )
    type: Literal['rvq_vae'] = 'rvq_vae'
    """
    Selects this type.
    """
    config: Annotated[RVQVAEBottleneckOptions, Field(default_factory=lambda: RVQVAEBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
