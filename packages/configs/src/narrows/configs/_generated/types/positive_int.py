# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

PositiveInt = TypeAliasType(
    "PositiveInt", Annotated[int, Field(ge=1, title='PositiveInt')]
)
"""
An integer of at least 1.
"""
