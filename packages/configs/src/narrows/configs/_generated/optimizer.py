# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .optimizers import (
        adadelta,
        adafactor,
        adagrad,
        adam,
        adamax,
        adamw,
        asgd,
        muon,
        nadam,
        radam,
        rmsprop,
        sgd,
    )

if TYPE_CHECKING:
    OptimizerConfig = TypeAliasType(
        "OptimizerConfig",
        Annotated[
            adamw.AdamWConfig | adam.AdamConfig | radam.RAdamConfig | nadam.NAdamConfig | adamax.AdamaxConfig | adagrad.AdagradConfig | adadelta.AdadeltaConfig | adafactor.AdafactorConfig | rmsprop.RMSpropConfig | asgd.ASGDConfig | sgd.SGDConfig | muon.MuonConfig,
            Field(discriminator='type', title='OptimizerConfig'),
        ],
    )
else:
    OptimizerConfig = TypeAliasType(
        'OptimizerConfig',
        Annotated[Any, Tagged('type', {
            'AdamW': 'optimizers.adamw:AdamWConfig',
            'Adam': 'optimizers.adam:AdamConfig',
            'RAdam': 'optimizers.radam:RAdamConfig',
            'NAdam': 'optimizers.nadam:NAdamConfig',
            'Adamax': 'optimizers.adamax:AdamaxConfig',
            'Adagrad': 'optimizers.adagrad:AdagradConfig',
            'Adadelta': 'optimizers.adadelta:AdadeltaConfig',
            'Adafactor': 'optimizers.adafactor:AdafactorConfig',
            'RMSprop': 'optimizers.rmsprop:RMSpropConfig',
            'ASGD': 'optimizers.asgd:ASGDConfig',
            'SGD': 'optimizers.sgd:SGDConfig',
            'Muon': 'optimizers.muon:MuonConfig',
        })],
    )
"""
Optimizer, by `type`: the class names of torch.optim, and `Muon`.
"""
