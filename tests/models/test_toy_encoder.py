"""A new convolutional encoder, built from the usual layers, is fast everywhere without a line outside its own file."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.chunkable_models import build_from, oobleck
from torch import Tensor, nn

from narrows.models import AudioAutoencoder
from narrows.models.blocks.activations import Snake
from narrows.models.blocks.convolutions import downsampling_conv1d, weight_norm_conv1d
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.padded_convolutions import PaddedConv1d
from narrows.models.inference import prepare_for_inference
from narrows.models.inference.cpu import layers as cpu_layers
from narrows.models.receptive_field import INPUT, Chain, Sum, receptive_field, structure_of
from narrows.models.streaming import chunked
from narrows.models.streaming.padded import padded_network

RATIO = 30


class ToyUnit(nn.Module):
    """Two parallel convolutions and a skip connection."""

    structure = Sum(INPUT, "narrow", "wide")

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Sequential(Snake(channels), weight_norm_conv1d(channels, channels, 3, padding=1))
        self.wide = nn.Sequential(nn.ELU(), PaddedConv1d(channels, channels, 7, dilation=2))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.narrow(x) + self.wide(x)


class ToyEncoder(nn.Module):
    structure = Chain("layers", "project")

    def __init__(self) -> None:
        super().__init__()
        stages = [nn.Sequential(ToyUnit(8), downsampling_conv1d(8, 8, stride, exact=True)) for stride in (2, 3, 5)]
        self.layers = Layers(weight_norm_conv1d(2, 8, 7, padding=3), *stages)
        self.project = nn.Conv1d(8, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.project(self.layers(x))


class ChangedUnit(ToyUnit):
    """Its forward is no longer what the structure says."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * x.mean()


@pytest.fixture
def model() -> Any:
    decoder = build_from(oobleck()).decoder
    torch.manual_seed(0)
    return AudioAutoencoder(ToyEncoder(), decoder, 8, RATIO, 16000).eval()


def sound(length: int, batch: int = 1) -> Tensor:
    return torch.randn(batch, 2, length, generator=torch.Generator().manual_seed(length))


@torch.inference_mode()
def test_it_streams_exactly(model: Any) -> None:
    field = receptive_field(model.encoder)
    assert field.exact
    assert field.stride == RATIO
    audio = sound(RATIO * 90)
    whole = model.encode(audio)
    torch.testing.assert_close(model.encode_audio(audio, 4), whole, atol=1e-5, rtol=1e-5)
    streamed = torch.cat(list(model.encode_stream(audio.split(77, dim=-1))), dim=-1)
    torch.testing.assert_close(streamed, whole, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_clips_of_similar_length_share_a_batch(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked, "fills_with_many", lambda device: True)
    assert padded_network(model.encoder) is not None
    sizes: list[int] = []
    model.encoder.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    lengths = [900, 870, 841]
    latents = model.encode_audio(sound(900, batch=3), lengths=lengths)
    assert sizes == [3]
    for row, length in enumerate(lengths):
        alone = model.encode_audio(sound(900, batch=3)[row : row + 1, :, :length])[0]
        torch.testing.assert_close(latents[row, :, : alone.shape[-1]], alone, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_prepared_inference_reaches_every_layer(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = sound(RATIO * 40)
    before = model.encode(audio)
    slow: list[str] = []
    original = cpu_layers.as_it_is
    monkeypatch.setattr(cpu_layers, "as_it_is", lambda m, x: slow.append(type(m).__name__) or original(m, x))
    prepare_for_inference(model)
    assert model.encoder.layers.plan.applies(audio)
    torch.testing.assert_close(model.encode(audio), before, atol=1e-5, rtol=1e-5)
    assert slow == []


@torch.inference_mode()
def test_a_subclass_with_another_forward_is_not_taken_for_its_parent(model: Any) -> None:
    unit = ChangedUnit(8)
    assert structure_of(unit) is None
    assert not receptive_field(unit).exact
    model.encoder.layers[1][0] = unit
    assert padded_network(model.encoder) is None
    audio = sound(RATIO * 40)
    before = model.encode(audio)
    prepare_for_inference(model)
    torch.testing.assert_close(model.encode(audio), before, atol=1e-5, rtol=1e-5)


def test_a_sum_adds_its_input_once() -> None:
    with pytest.raises(ValueError, match="at most one INPUT"):
        Sum(INPUT, INPUT, "layers")
