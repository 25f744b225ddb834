# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

AverageLength = TypeAliasType(
    "AverageLength", Annotated[float, Field(gt=0.0, le=0.28, title='AverageLength')]
)
"""
Length of a power-function average, as a share of a training.
"""
