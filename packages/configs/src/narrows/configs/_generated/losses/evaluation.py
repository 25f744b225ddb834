# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PesqMetricOptions(ConfigModel):
    """
    There are no options; wide band at 16 kHz.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class StftMetricOptions(ConfigModel):
    """
    Transform and distances.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fft_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = (
        1024
    )
    """
    FFT size.
    """
    hop_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = 256
    """
    Hop.
    """
    win_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = (
        1024
    )
    """
    Window length, at most the FFT size.
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
    scale: Literal['mel'] | None = None
    """
    Frequency scale; null is linear.
    """
    n_bins: Annotated[int | None, Field(ge=1)] = None
    """
    Mel bands; needed for, and only for, scale `mel`.
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


class SisdrMetricOptions(ConfigModel):
    """
    Options of the ratio.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    zero_mean: bool = True
    """
    Remove the mean of both signals first.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Floor of energies.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    How channels become one number.
    """


class MelMetricOptions(ConfigModel):
    """
    Transform and distances.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fft_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = (
        1024
    )
    """
    FFT size.
    """
    hop_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = 256
    """
    Hop.
    """
    win_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})] = (
        1024
    )
    """
    Window length, at most the FFT size.
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
    n_mels: Annotated[int, Field(ge=1)] = 128
    """
    Mel bands.
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


class EvaluationLossConfigs(ConfigModel):
    """
    Metrics of validation; a part that is given is measured.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    pesq: PesqMetricOptions | None = None
    """
    Perceptual evaluation of speech quality; needs the package pesq.
    """
    stft: StftMetricOptions | None = None
    """
    STFT distance.
    """
    sisdr: SisdrMetricOptions | None = None
    """
    Negative scale-invariant signal-to-distortion ratio.
    """
    mel: MelMetricOptions | None = None
    """
    STFT distance in mel bands.
    """
