# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay


class MuonOptions(ConfigModel):
    """
    Arguments of `Muon`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate of matrices.
    """
    momentum: decay.Decay = 0.95
    """
    Decay of the moving average of gradients of matrices.
    """
    nesterov: bool = True
    """
    Look ahead by one step of the momentum.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay of matrices, apart from the gradient.
    """
    ns_steps: Annotated[int, Field(ge=1)] = 5
    """
    Newton-Schulz iterations, in bfloat16, by which a matrix is orthogonalised.
    """
    use_adjusted_lr: bool = True
    """
    Scale the update of a matrix to the usual size of Adam's, 0.2 sqrt(larger side) (Liu et al. 2025, arXiv 2502.16982), so that rates are alike; otherwise sqrt(outputs / inputs) where that is above 1, which wants a rate near 0.02.
    """
    adamw_lr: Annotated[float | None, Field(gt=0.0)] = None
    """
    Learning rate of what AdamW updates; null takes `lr`.
    """
    adamw_betas: Annotated[
        list[decay.Decay], Field(max_length=2, min_length=2)
    ] = [0.9, 0.95]
    """
    Decay of AdamW's moving averages of gradient and squared gradient.
    """
    adamw_wd: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay of what AdamW updates.
    """
    adamw_eps: Annotated[float, Field(gt=0.0)] = 1e-10
    """
    Added to AdamW's denominator.
    """
    foreach: bool | None = None
    """
    Update matrices of one shape in one call; null does.
    """


class MuonConfig(ConfigModel):
    """
    Muon (Jordan et al. 2024): the momentum of a matrix is orthogonalised before it is added, so that all directions are learned equally fast. Kernels of convolutions count as matrices, from inputs to outputs; biases, gains and embeddings are left to AdamW. Of pytorch-optimizer.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Muon']
    """
    Selects this type.
    """
    config: MuonOptions
    """
    Arguments.
    """
