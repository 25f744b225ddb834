# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from .. import library_quantizer


class VectorQuantizePytorchBottleneckConfig(ConfigModel):
    """
    A quantizer of the package vector-quantize-pytorch, by the name of its class. Reports `quantizer_indices`, and `quantizer_loss` where the class has one.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': ['quantizer']},
    )
    type: Literal['vector_quantize_pytorch']
    """
    Selects this type.
    """
    config: library_quantizer.LibraryQuantizerConfig
    """
    The class as `quantizer`, and its options.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
