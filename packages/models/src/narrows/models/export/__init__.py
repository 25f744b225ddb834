"""Inference graphs: encoder and decoder that run without this library, checked against it before they are kept.

`export_model` writes them, `open_export` runs them. Each format has a file of its own:
`onnx` for onnxruntime and its relatives, `torch` for `torch.export`, `aotinductor` for compiled packages.
"""

from narrows.models.export.errors import ExportError
from narrows.models.export.folder import ExportReport, PartReport, export_model
from narrows.models.export.formats import FORMATS
from narrows.models.export.run import ExportedModel, ExportedNetwork, open_export

__all__ = [
    "FORMATS",
    "ExportError",
    "ExportReport",
    "ExportedModel",
    "ExportedNetwork",
    "PartReport",
    "export_model",
    "open_export",
]
