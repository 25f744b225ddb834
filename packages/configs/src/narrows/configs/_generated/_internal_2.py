# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .schedulers import (
        constant_lr,
        cosine_annealing_lr,
        cosine_annealing_warm_restarts,
        cyclic_lr,
        exponential_lr,
        inverse_lr,
        linear_lr,
        multi_step_lr,
        one_cycle_lr,
        polynomial_lr,
        step_lr,
    )
from .types import positive_int

if TYPE_CHECKING:
    SchedulerConfig = TypeAliasType(
        "SchedulerConfig",
        Annotated[
            Union[inverse_lr.InverseLRConfig, constant_lr.ConstantLRConfig, linear_lr.LinearLRConfig, exponential_lr.ExponentialLRConfig, step_lr.StepLRConfig, multi_step_lr.MultiStepLRConfig, polynomial_lr.PolynomialLRConfig, cosine_annealing_lr.CosineAnnealingLRConfig, cosine_annealing_warm_restarts.CosineAnnealingWarmRestartsConfig, cyclic_lr.CyclicLRConfig, one_cycle_lr.OneCycleLRConfig, "SequentialLRConfig", "ChainedSchedulerConfig"],
            Field(discriminator='type', title='SchedulerConfig'),
        ],
    )
else:
    SchedulerConfig = TypeAliasType(
        'SchedulerConfig',
        Annotated[Any, Tagged('type', {
            'InverseLR': 'schedulers.inverse_lr:InverseLRConfig',
            'ConstantLR': 'schedulers.constant_lr:ConstantLRConfig',
            'LinearLR': 'schedulers.linear_lr:LinearLRConfig',
            'ExponentialLR': 'schedulers.exponential_lr:ExponentialLRConfig',
            'StepLR': 'schedulers.step_lr:StepLRConfig',
            'MultiStepLR': 'schedulers.multi_step_lr:MultiStepLRConfig',
            'PolynomialLR': 'schedulers.polynomial_lr:PolynomialLRConfig',
            'CosineAnnealingLR': 'schedulers.cosine_annealing_lr:CosineAnnealingLRConfig',
            'CosineAnnealingWarmRestarts': 'schedulers.cosine_annealing_warm_restarts:CosineAnnealingWarmRestartsConfig',
            'CyclicLR': 'schedulers.cyclic_lr:CyclicLRConfig',
            'OneCycleLR': 'schedulers.one_cycle_lr:OneCycleLRConfig',
            'SequentialLR': 'schedulers.sequential_lr:SequentialLRConfig',
            'ChainedScheduler': 'schedulers.chained_scheduler:ChainedSchedulerConfig',
        })],
    )
"""
Learning rate schedule, by `type`; stepped once per generator update.
"""


class ChainedSchedulerConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.ChainedScheduler. Several schedules at once: their factors multiply.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['ChainedScheduler']
    """
    Selects this type.
    """
    config: "ChainedSchedulerOptions"
    """
    Arguments.
    """


class ChainedSchedulerOptions(ConfigModel):
    """
    Arguments of `ChainedScheduler`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    schedulers: Annotated[list[SchedulerConfig], Field(min_length=2)]
    """
    The schedules.
    """


class SequentialLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.SequentialLR. One schedule after the other, for example a linear warm-up and then a cosine.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['SequentialLR']
    """
    Selects this type.
    """
    config: "SequentialLROptions"
    """
    Arguments.
    """


class SequentialLROptions(ConfigModel):
    """
    Arguments of `SequentialLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    schedulers: Annotated[list[SchedulerConfig], Field(min_length=2)]
    """
    The schedules.
    """
    milestones: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ]
    """
    Steps at which the next schedule takes over: one fewer than schedules.
    """
