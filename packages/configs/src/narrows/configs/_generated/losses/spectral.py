# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int, positive_ints


class SpectralLossWeights(ConfigModel):
    """
    Weights of the spectral terms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    mrstft: Annotated[float, Field(ge=0.0)]
    """
    Weight of the whole loss; left and right get half each, with a teacher each term a quarter.
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
        Field(
            json_schema_extra={'x-unit': 'samples', 'x-role': 'centred-windows'},
            min_length=1,
        ),
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
    window: Literal['hann_window', 'hamming_window', 'blackman_window', 'bartlett_window', 'kaiser_window', 'boxcar', 'triang', 'hann', 'hamming', 'blackman', 'bartlett', 'blackmanharris', 'nuttall', 'flattop', 'parzen', 'bohman', 'barthann', 'cosine', 'tukey', 'taylor', 'lanczos'] = (
        'hann_window'
    )
    """
    Window function: torch's, or one of SciPy's.
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
    w_sum: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the sum of a stereo signal.
    """
    w_diff: Annotated[float, Field(ge=0.0)] = 1.0
    """
    Weight of the difference of a stereo signal.
    """
    scale: Literal['mel'] | None = None
    """
    Frequency scale; null is linear. (The chroma scale of auraloss never worked in stable-audio-tools and folds octaves, so that a reconstruction an octave off costs nothing; it is not offered.)
    """
    n_bins: positive_int.PositiveInt | positive_ints.PositiveInts | None = None
    """
    Mel bands of each resolution, or one number for all; needed for, and only for, scale `mel`.
    """
    perceptual_weighting: bool = False
    """
    A-weight both signals first.
    """
    scale_invariance: bool = False
    """
    Scale the magnitudes of one signal to those of the other by least squares first.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Floor of squared magnitudes.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    How bins become one number.
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
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
