# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectrogramPretransformOptions(ConfigModel):
    """
    Options of `spectrogram`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Audio channels.
    """
    n_fft: Annotated[
        int, Field(ge=2, json_schema_extra={'x-role': 'transform', 'x-unit': 'samples'})
    ] = 1024
    """
    Window and transform; at least twice `hop_length`, and an even number more than it.
    """
    hop_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'hop', 'x-unit': 'samples'})
    ] = 256
    """
    Samples a frame.
    """
    floor: Annotated[float, Field(gt=0.0)] = 0.0001
    """
    Added to magnitudes before the logarithm, in units of amplitude: what is far below it is silence.
    """
    offset: float = -7.0
    """
    Natural logarithm of a magnitude that becomes 0.
    """
    scale: Annotated[float, Field(gt=0.0)] = 2.0
    """
    Natural logarithms are divided by it.
    """
    iterations: Annotated[int, Field(ge=0)] = 32
    """
    Transforms there and back in search of phases; 0 leaves those of spectral peaks.
    """
    momentum: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.99
    """
    How far the search goes beyond each transform; 0 is the slower algorithm of Griffin & Lim 1984.
    """


class SpectrogramPretransformConfig(ConfigModel):
    """
    Logarithms of the magnitudes of a short-time Fourier transform, for models of sounds rather than of waveforms: phases are found on the way back (Beauregard et al. 2015; Perraudin et al. 2013). Gives `channels * (n_fft // 2 + 1)` channels at a ratio of `hop_length`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['spectrogram']
    """
    Selects this type.
    """
    config: Annotated[SpectrogramPretransformOptions, Field(default_factory=lambda: SpectrogramPretransformOptions())]
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform, which has no parameters of its own: gradients reach the audio in front of it.
    """
