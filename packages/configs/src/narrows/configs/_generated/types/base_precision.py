# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

BasePrecision = TypeAliasType(
    "BasePrecision",
    Annotated[
        Literal['bf16', 'bfloat16', 'fp16', 'float16'], Field(title='BasePrecision')
    ],
)
"""
Precision of frozen weights.
"""
