# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int
from . import spectral


class SpectrogramLossWeights(ConfigModel):
    """
    Weights of the terms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    stft_mse: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Of `stft_mse`.
    """
    magnitude: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Of `magnitude`.
    """
    mrstft: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Of the multi-resolution loss.
    """
    cosine_phase_loss: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Of `cosine_phase_loss`.
    """


class AurallossConfig(ConfigModel):
    """
    Multi-resolution loss of stable-audio-tools.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: spectral.SpectralLossOptions
    """
    Options.
    """


class STFTMSEOptions(ConfigModel):
    """
    Options of `stft_mse`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    p: Annotated[float, Field(gt=0.0)] = 2.0
    """
    Exponent of the distance.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    Reduction.
    """


class MagnitudeLossOptions(ConfigModel):
    """
    Options of `magnitude`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    scale: Literal['linear', 'log'] = 'log'
    """
    Compare magnitudes as they are, or their natural logarithms.
    """
    p: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Exponent of the distance.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Floor of the magnitudes.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    Reduction.
    """


class ComplexSTFTLossOptions(ConfigModel):
    """
    Options of `mrstft`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fft_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [512, 1024, 2048, 4096]
    """
    FFT sizes.
    """
    hop_sizes: Annotated[
        list[positive_int.PositiveInt] | None,
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = None
    """
    Hops; null for quarters of the FFT sizes.
    """
    win_lengths: Annotated[
        list[positive_int.PositiveInt] | None,
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = None
    """
    Windows; null for the FFT sizes.
    """
    factor_sc: Annotated[float, Field(ge=0.0)] = 1
    """
    Weight of the spectral convergence.
    """
    factor_mag: Annotated[float, Field(ge=0.0)] = 1
    """
    Weight of the magnitudes.
    """
    linear_mag: bool = False
    """
    Compare linear magnitudes.
    """
    log_mag: bool = False
    """
    Compare logarithmic magnitudes.
    """
    factor_linear_mag: Annotated[float, Field(ge=0.0)] = 1
    """
    Weight of the linear magnitudes.
    """
    factor_log_mag: Annotated[float, Field(ge=0.0)] = 1
    """
    Weight of the logarithmic magnitudes.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Numeric floor.
    """
    eps_mag: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Numeric floor of magnitudes.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    Reduction.
    """


class SpectralConvergenceOptions(ConfigModel):
    """
    Options of `mrstft_sc`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    fft_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [512, 1024, 2048]
    """
    FFT sizes.
    """
    hop_sizes: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [128, 256, 512]
    """
    Hops, as many.
    """
    win_lengths: Annotated[
        list[positive_int.PositiveInt] | None,
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = None
    """
    Windows; null for the FFT sizes.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-07
    """
    Numeric floor.
    """


class CosinePhaseOptions(ConfigModel):
    """
    Options of `cosine_phase_loss`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    energy_weighted: bool = True
    """
    Weight by energy.
    """
    energy_ref: Literal['avg', 'ref'] = 'avg'
    """
    Whose energy: the average of both, or that of the target.
    """
    energy_power: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Exponent of the energy.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-07
    """
    Numeric floor.
    """
    reduction: Literal['mean', 'sum'] = 'mean'
    """
    Reduction.
    """


class STFTMSELossConfig(ConfigModel):
    """
    Distance of the spectrograms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[STFTMSEOptions, Field(default_factory=lambda: STFTMSEOptions())]
    """
    Options.
    """


class MagnitudeLossConfig(ConfigModel):
    """
    Distance of the magnitudes.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[MagnitudeLossOptions, Field(default_factory=lambda: MagnitudeLossOptions())]
    """
    Options.
    """


class ComplexSTFTLossConfig(ConfigModel):
    """
    Multi-resolution loss of EulerAudioBackbone.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[ComplexSTFTLossOptions, Field(default_factory=lambda: ComplexSTFTLossOptions())]
    """
    Options.
    """


class SpectralConvergenceLossConfig(ConfigModel):
    """
    Multi-resolution spectral convergence.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[SpectralConvergenceOptions, Field(default_factory=lambda: SpectralConvergenceOptions())]
    """
    Options.
    """


class CosinePhaseLossConfig(ConfigModel):
    """
    Cosine of the phase difference.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: Annotated[CosinePhaseOptions, Field(default_factory=lambda: CosinePhaseOptions())]
    """
    Options.
    """


class SpectrogramLossConfig(ConfigModel):
    """
    Losses on spectrograms, and multi-resolution ones on the waveform; at most one of the three multi-resolution losses.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    stft_mse: STFTMSELossConfig | None = None
    """
    Distance of the complex spectrograms, as the model gives them.
    """
    magnitude: MagnitudeLossConfig | None = None
    """
    Distance of the magnitudes, whatever the phases.
    """
    mrstft: ComplexSTFTLossConfig | None = None
    """
    Multi-resolution loss of EulerAudioBackbone, on the waveform: spectral convergence and distance of complex bins, and magnitudes on request.
    """
    mrstft_sc: SpectralConvergenceLossConfig | None = None
    """
    Multi-resolution convergence of complex spectra, on the waveform.
    """
    mrstft_stable_audio: AurallossConfig | None = None
    """
    Multi-resolution loss of stable-audio-tools, on the waveform.
    """
    cosine_phase_loss: CosinePhaseLossConfig | None = None
    """
    Cosine of the phase difference of the spectrograms, weighted by energy.
    """
    apply_pre_transform_to_wave_losses: bool = False
    """
    Transform the spectrograms of the multi-resolution loss as the model transforms its own.
    """
    weights: Annotated[SpectrogramLossWeights, Field(default_factory=lambda: SpectrogramLossWeights())]
    """
    Weights; a term without one counts nothing.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weights at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
