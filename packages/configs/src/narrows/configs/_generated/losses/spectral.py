# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class SpectralLossWeights(ConfigModel):
    """
    Weights of the spectral terms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mrstft: Annotated[float, Field(ge=0.0)]
    """
    Weight of the whole loss; left and right get half each.
    """


class SpectralLossOptions(ConfigModel):
    """
    Transforms and distances of the multi-resolution STFT loss. The three lists have equal length.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fft_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [1024, 2048, 512]
    """
    FFT sizes.
    """
    hop_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [120, 240, 50]
    """
    Hops.
    """
    win_lengths: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [600, 1200, 240]
    """
    Window lengths; each at most its FFT size.
    """
    window: Literal['hann_window', 'hamming_window', 'blackman_window', 'bartlett_window'] = (
        'hann_window'
    )
    """
    Window function.
    """
    w_sc: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of spectral convergence.
    """
    w_log_mag: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the log magnitude distance.
    """
    w_lin_mag: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the linear magnitude distance.
    """
    w_phs: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight of the phase distance.
    """
    scale: Literal['mel'] | None = None
    """
    Frequency scale; null is linear.
    """
    n_bins: Annotated[int | None, Field(ge=1)] = None
    """
    Bins of the mel scale.
    """
    perceptual_weighting: bool = False
    """
    A-weight both signals first.
    """
    scale_invariance: bool = False
    """
    Scale the prediction optimally first.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Floor of squared magnitudes.
    """
    mag_distance: Literal['L1', 'L2'] = 'L1'
    """
    Distance of magnitudes.
    """
    log_eps: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Added to magnitudes inside the logarithm.
    """
    log_fac: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Factor of magnitudes inside the logarithm.
    """


class SpectralLossConfig(ConfigModel):
    """
    Multi-resolution STFT loss (Yamamoto et al. 2020, as in auraloss). Stereo models compare sum and difference, left and right.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['mrstft'] = 'mrstft'
    """
    Kind of spectral loss.
    """
    config: SpectralLossOptions
    """
    Options of the transform.
    """
    weights: SpectralLossWeights
    """
    Weights of the terms.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    The weight is multiplied by this at every step.
    """
