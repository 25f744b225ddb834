# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

NormType = TypeAliasType(
    "NormType",
    Annotated[Literal['layer_norm', 'rms_norm', 'dyt'], Field(title='NormType')],
)
"""
Kind of normalisation.
"""
