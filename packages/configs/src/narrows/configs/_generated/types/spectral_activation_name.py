# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

SpectralActivationName = TypeAliasType(
    "SpectralActivationName",
    Annotated[
        Literal['ELU', 'ReLU', 'LeakyReLU', 'GELU', 'SiLU', 'Mish', 'Softplus', 'Sigmoid', 'Tanh', 'Identity', 'snake', 'CReLU', 'CELU', 'ModReLU', 'ModReLUScalar', 'ComplexGELU', 'Abs_SiLU'],
        Field(title='SpectralActivationName'),
    ],
)
"""
Activation; CReLU, CELU, ModReLU, ModReLUScalar, ComplexGELU and Abs_SiLU are complex, snake and Identity both, the others real.
"""
