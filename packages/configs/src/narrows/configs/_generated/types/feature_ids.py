# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from . import feature_id

FeatureIds = TypeAliasType(
    "FeatureIds",
    Annotated[list[feature_id.FeatureId], Field(min_length=1, title='FeatureIds')],
)
"""
Numbers of feature layers; -1 stands alone and means the convolutional features.
"""
