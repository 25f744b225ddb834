# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class Metadata(ConfigModel):
    """
    Free-form: what conditioners read of an item.
    """

    model_config = ConfigDict(
        extra='allow',
    )
