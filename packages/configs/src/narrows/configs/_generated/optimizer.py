# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .optimizers import (
    adadelta,
    adafactor,
    adagrad,
    adam,
    adamax,
    adamw,
    asgd,
    nadam,
    radam,
    rmsprop,
    sgd,
)

OptimizerConfig = TypeAliasType(
    "OptimizerConfig",
    Annotated[
        adamw.AdamWConfig | adam.AdamConfig | radam.RAdamConfig | nadam.NAdamConfig | adamax.AdamaxConfig | adagrad.AdagradConfig | adadelta.AdadeltaConfig | adafactor.AdafactorConfig | rmsprop.RMSpropConfig | asgd.ASGDConfig | sgd.SGDConfig,
        Field(discriminator='type', title='OptimizerConfig'),
    ],
)
"""
Optimizer, by `type`: the class names of torch.optim.
"""
