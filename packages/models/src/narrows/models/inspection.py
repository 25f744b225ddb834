"""What a model is before it is built: shapes, rates, sizes and memory, from a configuration alone.

Everything runs on torch's meta device, which has shapes but no numbers, so that no weights are allocated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.factory import Config, create_model_from_config
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
    """Facts of an autoencoder."""

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
    """Receptive field and latency, and what stands in the way of exact chunks."""
    training_memory: int | None
    """Bytes for weights, gradients, optimizer and activations of one clip; None without `sample_size`."""


def inspect_model(config: Config) -> Inspection:
    """Inspect an autoencoder.

    Args:
        config: a typed model configuration, a dictionary or the path of a file.
    """
    with torch.device("meta"):
        model = create_model_from_config(config)
    if not isinstance(model, AudioAutoencoder):
        raise ValueError(f"inspect knows autoencoders; this is a {type(model).__name__}")
    size = getattr(model.config, "sample_size", None)
    samples = size or model.downsampling_ratio * 32
    audio = torch.empty(1, model.in_channels, samples, device="meta")
    rate = model.sample_rate / model.downsampling_ratio
    parts = {name: count(module) for name, module in model.named_children()}
    return Inspection(
        parameters={**parts, "total": count(model)},
        trainable=sum(p.numel() * (2 if p.is_complex() else 1) for p in model.parameters() if p.requires_grad),
        layers=list(_layers(model, audio)),
        sample_rate=model.sample_rate,
        latent_rate=rate,
        latent_dim=model.latent_dim,
        downsampling_ratio=model.downsampling_ratio,
        compression=model.in_channels * model.downsampling_ratio / model.latent_dim,
        bitrate=bits_per_frame(model.bottleneck) * rate / 1000 if model.is_discrete else None,
        chunking=chunking_report(model),
        training_memory=_training_memory(model, audio) if size else None,
    )


def count(module: nn.Module) -> int:
    """Parameters of a module; a complex one counts as two."""
    return sum(parameter.numel() * (2 if parameter.is_complex() else 1) for parameter in module.parameters())


def bits_per_frame(bottleneck: nn.Module | None) -> float:
    """Bits of the tokens of one latent frame, without entropy coding."""
    if not isinstance(bottleneck, DiscreteBottleneck):
        raise TypeError("only discrete bottlenecks have a bitrate")
    return bottleneck.num_quantizers * log2(bottleneck.codebook_size)


def _forward(model: AudioAutoencoder, audio: Tensor) -> Tensor:
    """Encoder and decoder; the bottleneck in between has no layers worth a row, and may need real numbers."""
    model.encode(audio, skip_bottleneck=True)
    frames = audio.shape[-1] // model.downsampling_ratio
    noise = getattr(model.bottleneck, "noise_augment_dim", 0)
    latents = torch.empty(1, model.latent_dim + noise, frames, device="meta")
    return model.decode(latents, skip_bottleneck=True)


def _layers(model: AudioAutoencoder, audio: Tensor) -> Iterator[Layer]:
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
            _forward(model, audio)
    finally:
        for handle in handles:
            handle.remove()
    yield from rows


def _computing_children(module: nn.Module) -> bool:
    """Whether a module is a container; the parametrizations of a weight do not make it one."""
    return any(name != "parametrizations" for name, _ in module.named_children())


def _training_memory(model: AudioAutoencoder, audio: Tensor) -> int:
    """Weights, gradients and the two moments of Adam, and what autograd keeps of one clip, counted tensor by tensor."""
    state = 4 * FLOAT_BYTES * count(model)
    with _saved_bytes() as saved:
        _forward(model, audio)
    return state + sum(saved.values())


@contextmanager
def _saved_bytes() -> Iterator[dict[int, int]]:
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
