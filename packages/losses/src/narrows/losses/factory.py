"""From a configuration to a discriminator."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from narrows.configs import load_config
from narrows.losses.discriminators import Discriminator, build_discriminator


def create_discriminator_from_config(
    config: Mapping[str, Any] | str | Path | BaseModel, channels: int, sample_rate: int
) -> Discriminator:
    """Build a discriminator of audio, or of latents from the typed section of adversarial post-training.

    Args:
        config: the `discriminator` of a loss section; never changed.
        channels: of what is judged.
        sample_rate: in Hz.

    Raises:
        ConfigError: the configuration is wrong.
    """
    typed = load_config(config, "discriminator")
    import_module(f"narrows.losses.discriminators.{typed.type}")
    return build_discriminator(typed, channels, sample_rate)
