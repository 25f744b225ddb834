# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import natural

PaddingPair = TypeAliasType(
    "PaddingPair",
    Annotated[
        list[natural.Natural], Field(max_length=2, min_length=2, title='PaddingPair')
    ],
)
"""
Padding before and after.
"""
