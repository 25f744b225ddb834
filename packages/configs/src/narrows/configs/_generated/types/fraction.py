# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

Fraction = TypeAliasType(
    "Fraction", Annotated[float, Field(ge=0.0, le=1.0, title='Fraction')]
)
"""
A number from 0 to 1.
"""
