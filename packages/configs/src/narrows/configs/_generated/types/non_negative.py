# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

NonNegative = TypeAliasType(
    "NonNegative", Annotated[float, Field(ge=0.0, title='NonNegative')]
)
"""
A number of at least 0.
"""
