# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

DiffusionObjective = TypeAliasType(
    "DiffusionObjective",
    Annotated[
        Literal['v', 'rectified_flow', 'rf_denoiser'], Field(title='DiffusionObjective')
    ],
)
"""
What a diffusion model predicts: v, the flow, or the clean latent of a distilled flow.
"""
