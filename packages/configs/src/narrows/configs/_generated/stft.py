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
    Window function.
    """
    pad_mode: Literal['reflect', 'constant', 'replicate', 'circular'] = 'reflect'
    """
    Padding at the ends.
    """
    normalized: bool = False
    """
    Divide by the square root of the FFT size.
    """
