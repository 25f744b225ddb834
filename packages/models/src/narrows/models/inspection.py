"""Shapes, rates, sizes and memory of a model, from its configuration alone.

Everything runs on torch's meta device, which has shapes but no numbers, so that no weights are allocated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from math import log2
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.autoencoders.cascade import CascadedCodec
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.components import Config
from narrows.models.factory import create_model_from_config
from narrows.models.interfaces import Codec, audio_codec
from narrows.models.streaming import ChunkingReport, chunking_report

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Layer:
    """A module that computes something itself."""

    name: str
    type: str
    shape: tuple[int, ...]
    """Output for a batch of one."""
    parameters: int


@dataclass(frozen=True)
class Inspection:
    """Facts of a codec of audio; those of a hyperencoder count its outer model in."""

    parameters: dict[str, int]
    """Parameters by part, and `total`."""
    trainable: int
    layers: list[Layer]
    sample_rate: int
    latent_rate: float
    """Latent frames a second."""
    latent_dim: int
    downsampling_ratio: int
    compression: float
    """Audio values per latent value."""
    bitrate: float | None
    """Of the tokens, in kbit/s; None for continuous latents."""
    chunking: ChunkingReport
    """Receptive field and latency, and what makes chunks inexact."""
    training_memory: int | None
    """Bytes for weights, gradients, optimizer and activations of one clip; None without `sample_size`."""


def inspect_model(config: Config) -> Inspection:
    """Inspect a codec.

    Args:
        config: a typed model configuration, a dictionary or the path of a file.

    Raises:
        ConfigError: the configuration is wrong.
        NotACodecError: the model is no codec, or a hyperencoder without its outer model.
    """
    with torch.device("meta"):
        model = create_model_from_config(config)
    codec = audio_codec(model)
    size = getattr(model.config, "sample_size", None)
    rate = codec.sample_rate / codec.downsampling_ratio
    parts = {name: count(module) for name, module in model.named_children()}
    return Inspection(
        parameters={**parts, "total": count(model)},
        trainable=sum(p.numel() * (2 if p.is_complex() else 1) for p in model.parameters() if p.requires_grad),
        layers=list(_layers(model, codec, size or model.downsampling_ratio * 32)),
        sample_rate=codec.sample_rate,
        latent_rate=rate,
        latent_dim=codec.latent_dim,
        downsampling_ratio=codec.downsampling_ratio,
        compression=codec.in_channels * codec.downsampling_ratio / codec.latent_dim,
        bitrate=bits_per_frame(codec.bottleneck) * rate / 1000 if codec.is_discrete else None,
        chunking=chunking_report(codec),
        training_memory=_training_memory(model, size) if size else None,
    )


def count(module: nn.Module) -> int:
    """Parameters of a module; a complex one counts as two."""
    return sum(parameter.numel() * (2 if parameter.is_complex() else 1) for parameter in module.parameters())


def bits_per_frame(bottleneck: nn.Module | None) -> float:
    """Bits of the tokens of one latent frame, without entropy coding."""
    if not isinstance(bottleneck, DiscreteBottleneck):
        raise TypeError("only discrete bottlenecks have a bitrate")
    return bottleneck.num_quantizers * log2(bottleneck.codebook_size)


def _forward(model: Codec, length: int) -> Tensor:
    """Encoder and decoder on a signal; the bottleneck has no layers worth a row, and may need real numbers."""
    model.encode(torch.empty(1, model.in_channels, length, device="meta"), skip_bottleneck=True)
    frames = length // model.downsampling_ratio
    noise = getattr(model.bottleneck, "noise_augment_dim", 0)
    latents = torch.empty(1, model.latent_dim + noise, frames, device="meta")
    # One step of a decoder that samples has all its layers, and is what a training step computes.
    steps = {"steps": 1} if "steps" in signature(model.decode).parameters else {}
    return model.decode(latents, skip_bottleneck=True, **steps)


def _layers(model: Any, codec: Any, length: int) -> Iterator[Layer]:
    """The layers of a model in the order in which they run on a signal of its own of this length."""
    rows: list[Layer] = []

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                rows.append(Layer(name, type(module).__name__, tuple(output.shape), count(module)))

        return hook

    leaves = {name: m for name, m in model.named_modules() if not _computing_children(m)}
    handles = [module.register_forward_hook(note(name)) for name, module in leaves.items()]
    try:
        with torch.no_grad():
            if isinstance(codec, CascadedCodec):
                _forward(codec.outer, length * codec.outer.downsampling_ratio)
            _forward(model, length)
    finally:
        for handle in handles:
            handle.remove()
    yield from rows


def _computing_children(module: nn.Module) -> bool:
    """Whether a module is a container; the parametrizations of a weight do not make it one."""
    return any(name != "parametrizations" for name, _ in module.named_children())


def _training_memory(model: Any, length: int) -> int:
    """Bytes of weights, gradients and the two moments of Adam, and of all tensors that autograd keeps of one clip."""
    state = 4 * FLOAT_BYTES * count(model)
    with saved_bytes() as saved:
        _forward(model, length)
    return state + sum(saved.values())


@contextmanager
def saved_bytes() -> Iterator[dict[int, int]]:
    """Sizes of the storages that autograd keeps for the backward pass, each once."""
    sizes: dict[int, int] = {}
    kept: list[Tensor] = []  # so that no identity is used twice

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if not isinstance(tensor, nn.Parameter) and storage._cdata not in sizes:
            sizes[storage._cdata] = storage.nbytes()
            kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield sizes
