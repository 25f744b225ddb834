# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

FeatureId = TypeAliasType("FeatureId", Annotated[int, Field(ge=-1, title='FeatureId')])
"""
Number of a feature layer, or -1 for the convolutional features.
"""
