"""What the engine reads of a training section, of whatever model type."""

from __future__ import annotations

from types import SimpleNamespace

from pydantic import BaseModel

from narrows.configs import AutoencoderTrainingConfig


class Settings(SimpleNamespace):
    """Options by name."""


def settings(training: BaseModel) -> Settings:
    """A training section, with the options of autoencoders that its type does not have at their defaults.

    Args:
        training: the `training` section of a model file.
    """
    fields = AutoencoderTrainingConfig.model_fields
    defaults = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
    return Settings(**(defaults | {name: getattr(training, name) for name in type(training).model_fields}))
