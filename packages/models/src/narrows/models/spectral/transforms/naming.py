"""The forms in which a configuration may name a transform, as one: a name alone, or a class of the design documents."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from narrows.configs import (
    ClassTransformConfig,
    IdentityTransformConfig,
    LogMagnitudeTransformConfig,
    PowerNormTransformConfig,
)
from narrows.models.spectral.transforms import SpectralTransform, build_spectral_transform, flags

# The first name of each type is that of its file.
NAMES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (IdentityTransformConfig, ("identity", "none")),
    (LogMagnitudeTransformConfig, ("log_mag", "logmag", "log_magnitude")),
    (PowerNormTransformConfig, ("power_norm", "power_mag", "powermag", "power")),
)
CLASSES = {
    "Identity": "identity",
    "IdentityTransform": "identity",
    "LogMagnitude": "log_mag",
    "LogMagnitudeTransform": "log_mag",
    "NormalisePower": "power_norm",
    "PowerMagnitudeTransform": "power_norm",
}


def transform_of(config: Any) -> SpectralTransform | None:
    """Build the transform that a configuration names in any form; None for None."""
    if config is None:
        return None
    typed = _typed(config)
    import_module(f"narrows.models.spectral.transforms.{_row(typed.type)[1][0]}")
    return build_spectral_transform(typed)


def _typed(config: Any) -> Any:
    if isinstance(config, str):
        return _row(config)[0](type=config)
    if not isinstance(config, ClassTransformConfig):
        return config
    name = CLASSES[config.class_.rpartition(".")[2]]
    given = config.kwargs.model_dump(exclude_unset=True)
    if "epsilon" in given:
        given["eps"] = given.pop("epsilon")
    return _row(name)[0](type=name, config=given, **flags(config))


def _row(name: str) -> tuple[Any, tuple[str, ...]]:
    return next(row for row in NAMES if name in row[1])
