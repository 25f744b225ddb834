# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import positive_int

PositiveInts = TypeAliasType(
    "PositiveInts",
    Annotated[
        list[positive_int.PositiveInt], Field(min_length=1, title='PositiveInts')
    ],
)
"""
Integers of at least 1.
"""
