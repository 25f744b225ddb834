# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .schedulers import cosine_annealing_lr, exponential_lr, inverse_lr

SchedulerConfig = TypeAliasType(
    "SchedulerConfig",
    Annotated[
        inverse_lr.InverseLRConfig | exponential_lr.ExponentialLRConfig | cosine_annealing_lr.CosineAnnealingLRConfig,
        Field(discriminator='type', title='SchedulerConfig'),
    ],
)
"""
Learning rate schedule, by `type`; stepped once per generator update.
"""
