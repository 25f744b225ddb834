# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from .._internal_1 import AutoencoderConfig, AutoencoderOptions, PiecesOptions

__all__ = ["AutoencoderConfig", "AutoencoderOptions", "PiecesOptions"]
