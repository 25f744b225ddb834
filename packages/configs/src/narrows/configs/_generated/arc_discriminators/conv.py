# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from .._internal import ConvARCDiscriminatorConfig, ConvARCDiscriminatorOptions

__all__ = ["ConvARCDiscriminatorConfig", "ConvARCDiscriminatorOptions"]
