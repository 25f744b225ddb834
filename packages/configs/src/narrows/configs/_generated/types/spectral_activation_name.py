# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

SpectralActivationName = TypeAliasType(
    "SpectralActivationName",
    Annotated[
        Literal['ELU', 'ReLU', 'LeakyReLU', 'GELU', 'SiLU', 'Tanh', 'Identity', 'snake', 'CReLU', 'CELU', 'ModReLU', 'ModReLUScalar'],
        Field(title='SpectralActivationName'),
    ],
)
"""
Activation.
"""
