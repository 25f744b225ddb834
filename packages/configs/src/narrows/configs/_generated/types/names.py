# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import name

Names = TypeAliasType(
    "Names", Annotated[list[name.Name], Field(min_length=1, title='Names')]
)
"""
Texts that are not empty.
"""
