# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

Decay = TypeAliasType("Decay", Annotated[float, Field(ge=0.0, lt=1.0, title='Decay')])
"""
A decay factor from 0 up to, not including, 1.
"""
