# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from .. import optimizer as optimizer_1
from .._internal_2 import SchedulerConfig


class OptimizerPairConfig(ConfigModel):
    """
    An optimizer and its schedule.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    optimizer: optimizer_1.OptimizerConfig
    """
    Optimizer.
    """
    scheduler: SchedulerConfig | None = None
    """
    Learning rate schedule; null keeps the rate.
    """
