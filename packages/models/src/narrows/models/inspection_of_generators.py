"""Sizes, arithmetic and memory of a generative model, from its configuration alone.

Everything runs on torch's meta device, which has shapes but no numbers: no weights are allocated, and no encoder of a
condition needs to be there.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from narrows.models.components import Config
from narrows.models.diffusion.generation.decoding import PIECE
from narrows.models.diffusion.generation.lengths import frames_of
from narrows.models.diffusion.inpainting import IDS, MASK_ID
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.factory import create_model_from_config
from narrows.models.inspection import FLOAT_BYTES, count
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.masked.network import MaskedNetwork
from narrows.models.lm.model import AudioLanguageModel
from narrows.models.lm.network import TokenNetwork

Given = dict[str, tuple[Tensor, Tensor | None]]
"""Conditions by id, each with its mask."""
SECONDS = 30
"""Length that is worked out where a document has none."""


@dataclass(frozen=True)
class GeneratorInspection:
    """Facts of a generative model."""

    parameters: dict[str, int]
    """Parameters of the state dict by part, and `total`."""
    encoders: dict[str, int | None]
    """Frozen parameters outside the state dict, by condition; None where only files that are not here could tell."""
    trainable: int
    sample_rate: int
    latent_rate: float
    """Frames a second that are diffused, or of tokens."""
    seconds: float
    """The length that the following holds for: the training crop, or 30 s."""
    frames: int
    """That are diffused, or of tokens."""
    step_flops: int
    """Of one step without guidance, at this length; for a language model with a cache, of one step of its sequence."""
    step_memory: int
    """Bytes of activations of a guided step of one sound in float32; where `cached`, of its keys and values."""
    decoding_memory: int | None
    """Bytes of activations of decoding one sound, in pieces where that is exact; None without a codec."""
    weights_memory: int
    """Bytes of all weights of the state dict in float32."""
    tokens_per_second: float | None
    """Of a language model: tokens that it has to make for a second of sound; None for diffusion models."""
    steps_per_second: float | None = None
    """Of a language model with a cache: steps for a second of sound, by its pattern; None for others."""
    cached: bool = False
    """Whether it makes a step at a time and keeps keys and values of those before."""


def inspect_generator(config: Config) -> GeneratorInspection:
    """Inspect a diffusion model or a language model of audio.

    Args:
        config: a typed model configuration, a dictionary or the path of a file.

    Raises:
        ConfigError: the configuration is wrong.
        TypeError: the model is neither.
    """
    with torch.device("meta"), torch.no_grad():
        model: Any = create_model_from_config(config)
        model.eval()
        if isinstance(model, DiffusionModel):
            return _of_diffusion(model)
        if isinstance(model, AudioLanguageModel):
            return _of_tokens(model)
    raise TypeError(f"{type(model).__name__} does not generate")


def _of_diffusion(model: DiffusionModel) -> GeneratorInspection:
    samples = model.sample_size or SECONDS * model.sample_rate
    frames = frames_of(model, samples)
    x, t = torch.empty(1, model.io_channels, frames), torch.empty(1)
    inputs = model.get_conditioning_inputs(conditions_of(model, frames))
    with FlopCounterMode(display=False) as flops:
        model.predict(x, t, inputs)
    scale = 6.0 if model.conditioner is not None else 1.0
    codec: Any = model.pretransform
    decoding = None
    if codec is not None:
        piece = min(frames, PIECE // model.downsampling_ratio) if _exact(codec) else frames
        decoding = peak_bytes(lambda: codec.decode(torch.empty(1, codec.encoded_channels, max(1, piece))))
    return GeneratorInspection(
        **_sizes(model),
        latent_rate=model.sample_rate / model.downsampling_ratio,
        seconds=samples / model.sample_rate,
        frames=frames,
        step_flops=flops.get_total_flops(),
        step_memory=peak_bytes(lambda: model.predict(x, t, inputs, scale)),
        decoding_memory=decoding,
        tokens_per_second=None,
    )


def _of_tokens(model: AudioLanguageModel) -> GeneratorInspection:
    size = getattr(model.config, "sample_size", None)
    seconds = size / model.sample_rate if size else float(SECONDS)
    frames = max(1, round(seconds * model.frame_rate))
    codec: Any = model.pretransform
    guided = 2 if model.conditioner is not None else 1
    return GeneratorInspection(
        **_sizes(model),
        latent_rate=model.frame_rate,
        seconds=seconds,
        frames=frames,
        **_of_a_step(model.lm, frames, seconds, guided),
        decoding_memory=peak_bytes(lambda: codec.decode(torch.empty(1, codec.encoded_channels, frames))),
        tokens_per_second=model.frame_rate * model.num_quantizers,
    )


def _of_a_step(network: TokenNetwork | MaskedNetwork, frames: int, seconds: float, items: int) -> dict[str, Any]:
    """Arithmetic of a step, and what it holds: a cache, or where all frames are worked on at once activations."""
    if isinstance(network, TokenNetwork):
        with torch.device("cpu"):  # a layout is made of what its indexes hold
            steps = len(network.pattern.layout(frames))
        cache = network.backbone.cache_bytes(steps, items, None, FLOAT_BYTES)
        every = (steps - 1) / seconds  # nothing is predicted behind the last
        return {"step_flops": 2 * count(network), "step_memory": cache, "steps_per_second": every, "cached": True}
    codes = torch.zeros(items, network.num_quantizers, frames, dtype=torch.long)
    with FlopCounterMode(display=False) as flops:
        network(codes[:1], 0, Conditions())
    memory = peak_bytes(lambda: network(codes, 0, Conditions()))
    return {"step_flops": flops.get_total_flops(), "step_memory": memory, "cached": False}


def _sizes(model: Any) -> dict[str, Any]:
    conditioner: Any = model.conditioner
    names = {"model": "denoiser", "lm": "language model", "pretransform": "codec", "conditioner": "conditioners"}
    parts = {names.get(name, name): count(module) for name, module in model.named_children()}
    total = count(model)
    return {
        "parameters": {**parts, "total": total},
        "encoders": {} if conditioner is None else dict(conditioner.frozen_parameters),
        "trainable": sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad),
        "sample_rate": model.sample_rate,
        "weights_memory": FLOAT_BYTES * total,
    }


def conditions_of(model: DiffusionModel, frames: int, items: int = 1) -> Given:
    """Conditions of the shapes that conditioners give, at their longest."""
    routing = model.routing
    given = longest_conditions(model.conditioner, items, {*routing.concat, *routing.local, *routing.modular}, frames)
    for name in IDS:
        given[name] = torch.empty(items, 1 if name == MASK_ID else model.io_channels, frames), None
    return given


def longest_conditions(conditioners: Any, items: int = 1, framed: Collection[str] = (), frames: int = 0) -> Given:
    """Conditions of the shapes that conditioners give: tokens, at their longest.

    Args:
        conditioners: of a model; None for none.
        items: of the batch.
        framed: names of those that are of the frames instead.
        frames: that there are.
    """
    given: Given = {}
    for name, conditioner in [] if conditioners is None else conditioners.items():
        if name in framed:
            given[name] = torch.empty(items, conditioner.output_dim, frames), None
            continue
        tokens = 1 if getattr(conditioner, "pooled", False) else getattr(conditioner, "max_length", 1)
        given[name] = torch.empty(items, tokens, conditioner.output_dim), torch.ones(items, tokens)
    return given


def _exact(codec: Any) -> bool:
    return hasattr(codec, "decode_field") and bool(codec.decode_field().exact)


def peak_bytes(run: Callable[[], Any]) -> int:
    """The most bytes that the tensors that a call makes take at a time; without those it is given, and weights."""
    living = _Living()
    with living:
        run()
    return living.peak


class _Living(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of storages from their making to their end."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now, self.peak = 0, 0
        self._seen: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {id_of(leaf) for leaf in _tensors((args, kwargs))}
        out = func(*args, **(kwargs or {}))
        for tensor in _tensors(out):
            key = id_of(tensor)
            if key not in self._seen and key not in given:
                self._seen.add(key)
                self._count(tensor, key)
        return out

    def _count(self, tensor: Tensor, key: int) -> None:
        size = tensor.nbytes if tensor.is_mkldnn else tensor.untyped_storage().nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(tensor if tensor.is_mkldnn else tensor.untyped_storage(), self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._seen.discard(key)
        self.now -= size


def id_of(tensor: Tensor) -> int:
    """Which storage a tensor has; one in oneDNN's order shows none and has its own."""
    return id(tensor) if tensor.is_mkldnn else int(tensor.untyped_storage()._cdata)


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in torch.utils._pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]
