# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class STFTConfig(ConfigModel):
    """
    Short-time Fourier transform. It is always centred: a frame stands at a multiple of the hop.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    n_fft: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})]
    """
    FFT size.
    """
    hop_length: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})]
    """
    Hop.
    """
    win_length: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Window; null for the FFT size.
    """
    window: Literal['hann', 'hamming', 'blackman', 'bartlett', 'kaiser', 'rectangular'] = (
        'hann'
    )
    """
    Shape of the window.
    """
    pad_mode: Literal['reflect', 'constant', 'replicate', 'circular'] = 'reflect'
    """
    Padding at the ends.
    """
    normalized: bool = False
    """
    Divide by the square root of the FFT size.
    """
    center: Annotated[
        Literal[True], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = True
    """
    Whether a frame stands around its sample, and not behind it. Always true: only so does the length of the audio come back.
    """
