# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

CodebookPatternName = TypeAliasType(
    "CodebookPatternName",
    Annotated[
        Literal['delay', 'parallel', 'unroll', 'musiclm', 'coarse_first'],
        Field(title='CodebookPatternName'),
    ],
)
"""
Name of a codebook pattern.
"""
