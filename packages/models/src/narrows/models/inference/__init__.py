"""Models made fast for use."""

from narrows.models.inference.compiling import can_compile, compile_network
from narrows.models.inference.folding import fold_weight_norm
from narrows.models.inference.precision import keep_exact, to_dtype
from narrows.models.inference.prepare import Prepared, prepare_for_inference

__all__ = [
    "Prepared",
    "can_compile",
    "compile_network",
    "fold_weight_norm",
    "keep_exact",
    "prepare_for_inference",
    "to_dtype",
]
