# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import fraction

Band = TypeAliasType(
    "Band",
    Annotated[list[fraction.Fraction], Field(max_length=2, min_length=2, title='Band')],
)
"""
A band, from and to, as fractions of the spectrum.
"""
