# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class BottleneckLossWeights(ConfigModel):
    """
    Weights of the bottleneck terms; null takes the bottleneck's own default.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    kl: Annotated[float | None, Field(ge=0.0)] = None
    """
    KL divergence of variational bottlenecks (default 1e-6).
    """
    mmd: Annotated[float | None, Field(ge=0.0)] = None
    """
    Maximum mean discrepancy of `wasserstein` (default 100).
    """
    quantizer: Annotated[float | None, Field(ge=0.0)] = None
    """
    Quantizer loss of `rvq` and `rvq_vae` (default 1).
    """
    codebook: Annotated[float | None, Field(ge=0.0)] = None
    """
    Codebook loss of `dac_rvq` and `dac_rvq_vae` (default 1).
    """
    commitment: Annotated[float | None, Field(ge=0.0)] = None
    """
    Commitment loss of `dac_rvq` and `dac_rvq_vae` (default 0.25).
    """
    softnorm: Annotated[float | None, Field(ge=0.0)] = None
    """
    Soft-norm loss of `softnorm` (default 0.01).
    """


class BottleneckLossConfig(ConfigModel):
    """
    Weights of what the bottleneck reports. A weight the bottleneck has no use for is an error.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Annotated[
        str | None, Field(json_schema_extra={'x-role': 'compatibility'})
    ] = None
    """
    Only named in the files of the reference.
    """
    weights: Annotated[BottleneckLossWeights, Field(default_factory=lambda: BottleneckLossWeights())]
    """
    Weights; null takes the bottleneck's own default.
    """
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Steps over which the weights rise from 0: step s, counted from 0, has the share (s + 1) / `warmup_steps` of them.
    """
