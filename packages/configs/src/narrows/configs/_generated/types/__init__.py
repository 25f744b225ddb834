# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .activation_params import ActivationParams
from .attention_window import AttentionWindow
from .auto import Auto
from .base_precision import BasePrecision
from .codebook_pattern_name import CodebookPatternName
from .conv_norm_params import ConvNormParams
from .decay import Decay
from .file_path import FilePath
from .level import Level
from .levels import Levels
from .local_condition import LocalConditionConfig
from .metadata import Metadata
from .name import Name
from .names import Names
from .natural import Natural
from .non_negative import NonNegative
from .non_negative_int import NonNegativeInt
from .norm_type import NormType
from .number import Number
from .objective import DiffusionObjective
from .odd_ints import KernelSizes
from .padding_pair import PaddingPair
from .positive_int import PositiveInt
from .positive_ints import PositiveInts
from .probability import Probability
from .ratio_pair import RatioPair
from .spectral_activation_name import SpectralActivationName
from .spectral_transform_name import SpectralTransformName

__all__ = [
    "ActivationParams",
    "AttentionWindow",
    "Auto",
    "BasePrecision",
    "CodebookPatternName",
    "ConvNormParams",
    "Decay",
    "DiffusionObjective",
    "FilePath",
    "KernelSizes",
    "Level",
    "Levels",
    "LocalConditionConfig",
    "Metadata",
    "Name",
    "Names",
    "Natural",
    "NonNegative",
    "NonNegativeInt",
    "NormType",
    "Number",
    "PaddingPair",
    "PositiveInt",
    "PositiveInts",
    "Probability",
    "RatioPair",
    "SpectralActivationName",
    "SpectralTransformName",
]
