# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .activation_params import ActivationParams
if TYPE_CHECKING:
    from .attention_window import AttentionWindow
if TYPE_CHECKING:
    from .auto import Auto
if TYPE_CHECKING:
    from .average_length import AverageLength
if TYPE_CHECKING:
    from .band import Band
if TYPE_CHECKING:
    from .base_precision import BasePrecision
if TYPE_CHECKING:
    from .codebook_pattern_name import CodebookPatternName
if TYPE_CHECKING:
    from .conv_norm_params import ConvNormParams
if TYPE_CHECKING:
    from .decay import Decay
if TYPE_CHECKING:
    from .feature_id import FeatureId
if TYPE_CHECKING:
    from .feature_ids import FeatureIds
if TYPE_CHECKING:
    from .file_path import FilePath
if TYPE_CHECKING:
    from .fraction import Fraction
if TYPE_CHECKING:
    from .implicit_codebook_network import ImplicitCodebookNetwork
if TYPE_CHECKING:
    from .level import Level
if TYPE_CHECKING:
    from .levels import Levels
if TYPE_CHECKING:
    from .local_condition import LocalConditionConfig
if TYPE_CHECKING:
    from .metadata import Metadata
if TYPE_CHECKING:
    from .name import Name
if TYPE_CHECKING:
    from .names import Names
if TYPE_CHECKING:
    from .natural import Natural
if TYPE_CHECKING:
    from .non_negative import NonNegative
if TYPE_CHECKING:
    from .non_negative_int import NonNegativeInt
if TYPE_CHECKING:
    from .norm_type import NormType
if TYPE_CHECKING:
    from .number import Number
if TYPE_CHECKING:
    from .objective import DiffusionObjective
if TYPE_CHECKING:
    from .odd_ints import KernelSizes
if TYPE_CHECKING:
    from .padding_pair import PaddingPair
if TYPE_CHECKING:
    from .positive_int import PositiveInt
if TYPE_CHECKING:
    from .positive_ints import PositiveInts
if TYPE_CHECKING:
    from .probability import Probability
if TYPE_CHECKING:
    from .ratio_pair import RatioPair
if TYPE_CHECKING:
    from .spectral_activation_name import SpectralActivationName
if TYPE_CHECKING:
    from .spectral_transform_name import SpectralTransformName

__all__ = [
    "ActivationParams",
    "AttentionWindow",
    "Auto",
    "AverageLength",
    "Band",
    "BasePrecision",
    "CodebookPatternName",
    "ConvNormParams",
    "Decay",
    "DiffusionObjective",
    "FeatureId",
    "FeatureIds",
    "FilePath",
    "Fraction",
    "ImplicitCodebookNetwork",
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

_PLACES = {
    'ActivationParams': 'activation_params',
    'AttentionWindow': 'attention_window',
    'Auto': 'auto',
    'AverageLength': 'average_length',
    'Band': 'band',
    'BasePrecision': 'base_precision',
    'CodebookPatternName': 'codebook_pattern_name',
    'ConvNormParams': 'conv_norm_params',
    'Decay': 'decay',
    'FeatureId': 'feature_id',
    'FeatureIds': 'feature_ids',
    'FilePath': 'file_path',
    'Fraction': 'fraction',
    'ImplicitCodebookNetwork': 'implicit_codebook_network',
    'Level': 'level',
    'Levels': 'levels',
    'LocalConditionConfig': 'local_condition',
    'Metadata': 'metadata',
    'Name': 'name',
    'Names': 'names',
    'Natural': 'natural',
    'NonNegative': 'non_negative',
    'NonNegativeInt': 'non_negative_int',
    'NormType': 'norm_type',
    'Number': 'number',
    'DiffusionObjective': 'objective',
    'KernelSizes': 'odd_ints',
    'PaddingPair': 'padding_pair',
    'PositiveInt': 'positive_int',
    'PositiveInts': 'positive_ints',
    'Probability': 'probability',
    'RatioPair': 'ratio_pair',
    'SpectralActivationName': 'spectral_activation_name',
    'SpectralTransformName': 'spectral_transform_name',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

