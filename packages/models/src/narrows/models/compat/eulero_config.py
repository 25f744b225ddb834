"""Configurations of EulerAudioBackbone as typed configurations of this library."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from narrows.configs import Problem, SpectralAutoencoderConfig, load_config
from narrows.configs.errors import config_error
from narrows.configs.migrate.draft import Draft
from narrows.configs.migrate.eulero_model import MISSING, model_document

logger = logging.getLogger(__name__)


def read_config(
    config: Mapping[str, Any] | BaseModel,
    *,
    stft: Mapping[str, Any] | None = None,
    sample_rate: int | None = None,
    audio_channels: int | None = None,
) -> SpectralAutoencoderConfig:
    """The typed configuration.

    Args:
        config: see `narrows.models.compat.eulero.AutoEncoder.from_config`.
        stft: options of the transform, for the YAML of EulerAudioBackbone, which keeps them with the data; None for
            those of its `data` section, or else its usual ones.
        sample_rate: in Hz; None for that of its `data` section, or else 44100.
        audio_channels: None for those of its `data` section, or else those of the encoder's `input_size`.

    Raises:
        ConfigError: the configuration is wrong.
    """
    if isinstance(config, BaseModel) or "model_type" in config:
        typed: SpectralAutoencoderConfig = load_config(config, "model")
        return typed
    section = config.get("model", config if "encoder" in config else None)
    if not isinstance(section, Mapping):
        raise config_error([Problem("/model", MISSING, None, "Put encoder, decoder and bottleneck below `model`.")])
    data = dict(config.get("data") or {})
    context = {**(data.get("train_dataset") or {}), **(config.get("stft") or {}), **(stft or {})}
    if sample_rate is not None:
        context["sample_rate"] = sample_rate
    if audio_channels is not None:
        data["audio_channels"] = audio_channels
    draft = Draft("from_config")
    document = model_document(draft, section, {**data, "train_dataset": context})
    for note in draft.notes:
        logger.info("AutoEncoder.from_config: %s", note)
    return load_config(document, "model")  # type: ignore[no-any-return]


def embedded_config(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """The model file in a checkpoint of EulerAudioBackbone; None in other checkpoints."""
    said = content.get("inference_config")
    if not isinstance(said, Mapping) or not isinstance(said.get("model"), Mapping):
        return None
    typed = read_config(
        {"model": said["model"]},
        stft=said.get("stft_config"),
        sample_rate=said.get("sample_rate"),
        audio_channels=said.get("audio_channels"),
    )
    document: dict[str, Any] = typed.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return document
