# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import non_negative_int

AttentionWindow = TypeAliasType(
    "AttentionWindow",
    Annotated[
        list[non_negative_int.NonNegativeInt],
        Field(max_length=2, min_length=2, title='AttentionWindow'),
    ],
)
"""
Tokens before and after itself that a token sees.
"""
