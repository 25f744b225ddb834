"""Parts of a model that are models of their own: the autoencoder that a generative model works on the latents of."""

from __future__ import annotations

from typing import Any, Literal

from narrows.configs import AutoencoderConfig, AutoencoderPretransformConfig, NarrowsError

Part = Literal["pretransform"]


class PartError(NarrowsError, ValueError):
    """A model without the part that was asked for."""


def pretransform_config(config: Any) -> AutoencoderConfig:
    """The model file of the autoencoder inside a model.

    Its latents are those of the autoencoder alone: the model around it may divide them by a `scale`.

    Args:
        config: typed configuration of the whole model; its notes on licence and training data are kept.

    Raises:
        PartError: the model has no pretransform, or one that is no autoencoder.
    """
    section = getattr(getattr(config, "model", None), "pretransform", None)
    if section is None:
        raise PartError(f"This model ({config.model_type}) has no pretransform: leave --part out")
    if not isinstance(section, AutoencoderPretransformConfig):
        raise PartError(f"The pretransform of this model is of type {section.type!r}: only an autoencoder can be taken")
    kept = {
        name: getattr(config, name)
        for name in ("sample_size", "license", "training_data")
        if name in config.model_fields_set
    }
    channels = section.config.io_channels
    return AutoencoderConfig(
        model_type="autoencoder",
        sample_rate=config.sample_rate,
        audio_channels=channels,
        model=section.config,
        **kept,
    )
