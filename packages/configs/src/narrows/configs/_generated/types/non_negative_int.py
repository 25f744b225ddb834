# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

NonNegativeInt = TypeAliasType(
    "NonNegativeInt", Annotated[int, Field(ge=0, title='NonNegativeInt')]
)
"""
An integer of at least 0.
"""
