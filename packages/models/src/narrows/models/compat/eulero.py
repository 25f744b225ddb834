"""The entry point of EulerAudioBackbone: `AutoEncoder`, which builds spectral autoencoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from narrows.models.autoencoders.spectral import SpectralAutoencoder
from narrows.models.building import build
from narrows.models.compat.eulero_config import read_config


class AutoEncoder:
    """Builds a `SpectralAutoencoder`, under the name that EulerAudioBackbone gives it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> SpectralAutoencoder:  # type: ignore[misc]
        """A `SpectralAutoencoder` of the arguments it takes."""
        return SpectralAutoencoder(*args, **kwargs)

    @staticmethod
    def from_config(config: Mapping[str, Any] | BaseModel, **context: Any) -> SpectralAutoencoder:
        """Build an autoencoder of a configuration of this library, or of the YAML of EulerAudioBackbone.

        Args:
            config: a typed configuration; a dictionary of this library's JSON; or the content of a YAML file with a
                `model` section (or that section), whose parts are named by `_target_`, or by `class` and `kwargs`.
            context: settings that the YAML keeps with the data: `stft` (a dictionary), `sample_rate` and
                `audio_channels`.

        Raises:
            ConfigError: the configuration is wrong.
        """
        model: SpectralAutoencoder = build(read_config(config, **context))
        return model
