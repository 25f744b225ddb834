# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

SpectralTransformName = TypeAliasType(
    "SpectralTransformName",
    Annotated[
        Literal['identity', 'none', 'log_mag', 'logmag', 'log_magnitude', 'power_norm', 'power_mag', 'powermag', 'power'],
        Field(title='SpectralTransformName'),
    ],
)
"""
Name of a transform of spectrograms.
"""
