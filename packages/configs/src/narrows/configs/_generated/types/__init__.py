# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .activation_params import ActivationParams
from .attention_window import AttentionWindow
from .conv_norm_params import ConvNormParams
from .decay import Decay
from .file_path import FilePath
from .level import Level
from .levels import Levels
from .local_condition import LocalConditionConfig
from .name import Name
from .natural import Natural
from .non_negative_int import NonNegativeInt
from .norm_type import NormType
from .objective import DiffusionObjective
from .positive_int import PositiveInt
from .positive_ints import PositiveInts

__all__ = [
    "ActivationParams",
    "AttentionWindow",
    "ConvNormParams",
    "Decay",
    "DiffusionObjective",
    "FilePath",
    "Level",
    "Levels",
    "LocalConditionConfig",
    "Name",
    "Natural",
    "NonNegativeInt",
    "NormType",
    "PositiveInt",
    "PositiveInts",
]
