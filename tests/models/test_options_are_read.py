"""No option is accepted and ignored: each declared field of a component reaches what it configures.

A component is built from a document of the corpus while every reading of its options is noted: one by one, or all at
once as keyword arguments, which a constructor refuses when it does not know them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
import torch
from support.corpus_files import component_files

from narrows.configs import load_config
from narrows.models import _options, components
from narrows.models.conditioners import build_conditioner
from narrows.models.spectral.decoders import build_spectral_decoder
from narrows.models.spectral.encoders import build_spectral_encoder

BINS = 33
"""Of the spectrograms of the corpus."""


def spectral(config: Any) -> Any:
    """An encoder of spectrograms or a decoder to them."""
    if config.type in ("autoencoder_kl", "autoencoder_dc"):
        pytest.importorskip("diffusers")
    side = "encoder" if "Encoder" in type(config).__name__ else "decoder"
    import_module(f"narrows.models.spectral.{side}s.{config.type}")
    build = build_spectral_encoder if side == "encoder" else build_spectral_decoder
    return build(config, 4, BINS)


def conditioner(config: Any) -> Any:
    """A conditioner, where the files that it names are not read before it is used."""
    if config.type == "lut":
        pytest.skip("its tokenizer is read when it is built")
    import_module(f"narrows.models.conditioners.{config.type}")
    return build_conditioner(config, 4, components.create_pretransform_from_config({"type": "pqmf"}, 16000))


BUILDERS = {
    "conditioner": conditioner,
    "bottleneck": components.create_bottleneck_from_config,
    "encoder": components.create_encoder_from_config,
    "decoder": components.create_decoder_from_config,
    "spectral_encoder": spectral,
    "spectral_decoder": spectral,
}


@contextmanager
def noted(config: Any) -> Iterator[set[str]]:
    """The names of the options that are read while this lasts."""
    cls, read = type(config.config), set[str]()
    plain = cls.__getattribute__

    def note(self: Any, name: str) -> Any:
        if name in cls.model_fields:
            read.add(name)
        elif (
            name in {"model_dump", "__iter__", "__dict__"} and sys._getframe(1).f_code.co_filename == _options.__file__
        ):
            read.update(n for n, f in cls.model_fields.items() if not _options.only_for_old_files(f))
        return plain(self, name)

    cls.__getattribute__ = note  # type: ignore[method-assign]
    try:
        yield read
    finally:
        del cls.__getattribute__


@pytest.mark.parametrize(("family", "path"), component_files(*BUILDERS))
def test_every_option_is_read(family: str, path: Any) -> None:
    config = load_config(path, family)
    declared = {n for n, f in type(config.config).model_fields.items() if not _options.only_for_old_files(f)}
    if getattr(config.config, "use_model_pretransform", False):  # those describe one of its own
        declared -= {"sample_rate", "pretransform_config"}
    with noted(config) as read, torch.device("meta"):
        module = build(family, config)
    assert module is not None
    assert declared - read == set()


def build(family: str, config: Any) -> Any:
    try:
        return BUILDERS[family](config)
    except (RuntimeError, NotImplementedError) as error:  # some buffers are computed, which meta tensors cannot be
        if "meta" in str(error).lower():
            with torch.device("cpu"):
                return BUILDERS[family](config)
        raise
