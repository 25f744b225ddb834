# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PatchedPretransformOptions(ConfigModel):
    """
    Options of `patched`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ]
    """
    Audio channels.
    """
    patch_size: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'samples', 'x-role': 'bands'})
    ]
    """
    Samples that become channels of one frame.
    """
    oversampling: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'oversampling'})
    ] = 1
    """
    Resample to this multiple of the sample rate first, and back after decoding. A frame then spans `patch_size / oversampling` samples, and coding is not exactly invertible.
    """
    postfilter_channels: Annotated[int, Field(ge=0)] = 0
    """
    Width of a trained filter after decoding (Stable Audio 3); 0 leaves it out.
    """


class PatchedPretransformConfig(ConfigModel):
    """
    Folds patches of samples into channels; invertible without oversampling. Gives `channels * patch_size` channels.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['patched']
    """
    Selects this type.
    """
    config: PatchedPretransformOptions
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """
