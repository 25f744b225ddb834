# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LibraryVectorQuantizeOptions(ConfigModel):
    """
    `VectorQuantize` of vector-quantize-pytorch. Vector quantization by one codebook, moved by averages or trained.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    quantizer: Literal['VectorQuantize']
    """
    Class of vector-quantize-pytorch.
    """
    dim: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})]
    """
    Latent channels.
    """
    codebook_size: Annotated[int, Field(ge=2, le=1048576)]
    """
    Values a token can take; of the `LFQ` classes a power of 2.
    """
    codebook_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width in which codes are searched; null searches in all channels.
    """
    heads: Annotated[int, Field(ge=1)] = 1
    """
    Parts of a projected vector that are quantized side by side; one token each.
    """
    separate_codebook_per_head: bool = False
    """
    Give every head a codebook of its own.
    """
    decay: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8
    """
    Decay of the moving averages that update the codebooks.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Floor of the smoothed cluster sizes.
    """
    freeze_codebook: bool = False
    """
    Stop the updates of the codebooks by moving averages.
    """
    kmeans_init: bool = False
    """
    Start the codebooks from k-means of the first training batch.
    """
    kmeans_iters: Annotated[int, Field(ge=1)] = 10
    """
    Iterations of the k-means start.
    """
    use_cosine_sim: bool = False
    """
    Search by cosine similarity with unit-length codes.
    """
    layernorm_after_project_in: bool = False
    """
    Normalise the input after its projection.
    """
    threshold_ema_dead_code: Annotated[float, Field(ge=0.0)] = 0
    """
    Codes whose moving average of hits falls below this are replaced by a frame of the batch.
    """
    commitment_weight: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the commitment term inside `quantizer_loss`.
    """
    commitment_use_cross_entropy_loss: bool = False
    """
    Commit by the cross entropy of the distances.
    """
    orthogonal_reg_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the orthogonality term; above 0 the codebook is a parameter.
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
    straight_through: bool = False
    """
    Pass gradients through the sampling too.
    """
    rotation_trick: bool | None = None
    """
    Pass gradients by rotating and scaling; null leaves it to the library.
    """
    directional_reparam: bool = False
    """
    Train the codebook by a noised direction to the code (DiVeQ).
    """
    directional_reparam_variance: Annotated[float, Field(gt=0.0)] = 0.005
    """
    Variance of that noise.
    """
    ema_update: bool | None = None
    """
    Update codebooks by moving averages; null leaves it to the library.
    """
    learnable_codebook: bool | None = None
    """
    Train the codes by gradient, without `ema_update`; null leaves it to the library.
    """
    sync_update_v: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Optimistic share of the synchronous update; above 0 needs a learnable codebook.
    """
    route_gradients_to_input: bool = True
    """
    Pass gradients of the latents to the encoder.
    """
