"""The two graphs of a codec as modules: their inputs and outputs, and the lengths they take."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from narrows.models.blocks.lstm import LSTMLayers
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.export.errors import ExportError
from narrows.models.inference import prepare_for_inference
from narrows.models.interfaces import Codec
from narrows.models.receptive_field import ReceptiveField
from narrows.models.streaming.bottlenecks import draws_noise, mean_options

FEWEST = 2
"""torch.export takes an axis of 0 or 1 for a constant."""


class EncoderGraph(nn.Module):
    """Audio `(B, C, T)` to tokens `(B, K, L)` of discrete models, to latents `(B, D, L)` of others.

    A stochastic bottleneck gives the mean of its distribution.
    """

    def __init__(self, model: Codec) -> None:
        super().__init__()
        self.model = model
        self._options = mean_options(model.bottleneck)

    def forward(self, audio: Tensor) -> Tensor:
        """Encode."""
        latents, info = self.model.encode(audio, return_info=True, **self._options)
        bottleneck = self.model.bottleneck
        return bottleneck.tokens(info) if isinstance(bottleneck, DiscreteBottleneck) else latents


class DecoderGraph(nn.Module):
    """The encoder's tokens or latents to audio `(B, C, T)`."""

    def __init__(self, model: Codec) -> None:
        super().__init__()
        self.model = model

    def forward(self, latents: Tensor) -> Tensor:
        """Decode."""
        bottleneck = self.model.bottleneck
        if isinstance(bottleneck, DiscreteBottleneck):
            latents = bottleneck.dequantize(latents)
        return self.model.decode(latents)


class Part(Protocol):
    """A graph and its inputs, whatever it is a part of."""

    @property
    def name(self) -> str:
        """Of its file, and in messages."""
        ...

    @property
    def graph(self) -> nn.Module:
        """What is traced."""
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """Names of its inputs."""
        ...

    @property
    def output(self) -> str:
        """Name of its output."""
        ...

    @property
    def multiple(self) -> int:
        """The length of the input is a multiple of this."""
        ...

    @property
    def fewest(self) -> int:
        """Least number of multiples."""
        ...

    @property
    def gives_tokens(self) -> bool:
        """Whether its output is tokens."""
        ...

    def examples(self, batch: int, multiples: int, seed: int = 0) -> tuple[Tensor, ...]:
        """Inputs of this size."""
        ...

    def free(self, batch: Any, length: Any) -> tuple[dict[int, Any], ...]:
        """Axes of each input that are left open."""
        ...


@dataclass(frozen=True)
class GraphPart:
    """A graph and its inputs."""

    name: str
    """`encoder` or `decoder`."""
    graph: nn.Module
    input: str
    output: str
    channels: int
    """Of the input: audio channels, codebooks or latent channels."""
    multiple: int
    """The length of the input is a multiple of this."""
    fewest: int
    """Least number of multiples."""
    codebook_size: int | None = None
    """Of tokens that go in; None for floats."""
    gives_tokens: bool = False

    @property
    def inputs(self) -> tuple[str]:
        """Names of its inputs."""
        return (self.input,)

    def examples(self, batch: int, multiples: int, seed: int = 0) -> tuple[Tensor]:
        """Inputs of this size."""
        return (self.example(batch, multiples, seed),)

    def free(self, batch: Any, length: Any) -> tuple[dict[int, Any], ...]:
        """Axes of each input that are left open."""
        return ({0: batch, 2: self.multiple * length if self.multiple > 1 else length},)

    def example(self, batch: int, multiples: int, seed: int = 0) -> Tensor:
        """An input of this size: noise, or random tokens."""
        generator = torch.Generator().manual_seed(seed)
        shape = (batch, self.channels, self.multiple * multiples)
        if self.codebook_size is not None:
            return torch.randint(self.codebook_size, shape, generator=generator)
        return 0.5 * torch.randn(shape, generator=generator)


def parts_of(model: Codec) -> list[GraphPart]:
    """Encoder and decoder of a copy of the model, its weight normalisation folded.

    Raises:
        ExportError: the model has something that a graph cannot hold.
    """
    _check_exportable(model)
    ours: Any = copy.deepcopy(model)
    ours = ours.cpu().float()
    prepare_for_inference(ours)
    ratio, codes = ours.downsampling_ratio, ours.bottleneck if isinstance(ours.bottleneck, DiscreteBottleneck) else None
    inner = "latents" if codes is None else "tokens"
    width = ours.latent_dim if codes is None else codes.num_quantizers
    granule = max(1, ours.encode_field().granule // ratio, ours.decode_field().granule)
    encoder = GraphPart(
        "encoder",
        EncoderGraph(ours),
        "audio",
        inner,
        ours.in_channels,
        ratio * granule,
        _fewest(ours.encode_field(), ratio * granule),
        gives_tokens=codes is not None,
    )
    decoder = GraphPart(
        "decoder",
        DecoderGraph(ours),
        inner,
        "audio",
        width,
        granule,
        _fewest(ours.decode_field(), granule),
        codes.codebook_size if codes is not None else None,
    )
    return [encoder, decoder]


def _fewest(field: ReceptiveField, multiple: int) -> int:
    """Multiples that are long enough for layers that pad by reflection."""
    return max(FEWEST, int(field.mirrored // multiple) + 1)


def _check_exportable(model: Codec) -> None:
    if model.export_obstacle is not None:
        raise ExportError(f"A {type(model).__name__} cannot be exported: {model.export_obstacle}")
    assert isinstance(model, nn.Module), "every codec is one"
    for name, module in model.named_modules():
        if isinstance(module, nn.RNNBase | LSTMLayers):
            raise ExportError(
                f"{name} is an LSTM, which torch.export unrolls to one fixed length; a model without one "
                "(lstm: 0) can be exported"
            )
    bottleneck = model.bottleneck
    if bottleneck is None:
        return
    parameter = next(model.parameters())
    width = model.latent_dim
    if getattr(bottleneck, "noise_augment_dim", 0) or draws_noise(
        bottleneck.decode, torch.zeros(1, width, 1, device=parameter.device, dtype=parameter.dtype)
    ):
        raise ExportError(
            f"{type(bottleneck).__name__} adds noise when it decodes, and a graph has no seed to repeat it"
        )
