# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

Level = TypeAliasType("Level", Annotated[int, Field(ge=2, title='Level')])
"""
Quantization levels of a channel: at least 2.
"""
