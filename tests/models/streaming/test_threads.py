"""One model, several threads: each gets the numbers that it gets alone."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from support.chunkable_models import build, build_from, seanet
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, recurrent
from narrows.models.receptive_field.modules import layer_field
from narrows.models.streaming import EncodeStream, NotExactError, chunked
from narrows.models.streaming.run import run_chunked
from narrows.models.streaming.streams import streamed

THREADS, CALLS = 6, 24
MODELS: dict[str, Callable[[], Any]] = {
    "seanet": lambda: build_from(seanet()),
    "seanet_causal": lambda: build("seanet_causal"),
    "oobleck": lambda: build("oobleck"),
}


@pytest.fixture(autouse=True)
def switch_often() -> Iterator[None]:
    """Threads take turns far more often than usual, so that what they share shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@torch.inference_mode()
def chunks(model: Any, audio: Tensor) -> Tensor:
    out: Tensor = model.encode_audio(audio, chunk_size=5)
    return out


@torch.inference_mode()
def stream(model: Any, audio: Tensor) -> Tensor:
    return torch.cat(list(streamed(EncodeStream(model), audio.split(70, dim=-1))), dim=-1)


@torch.inference_mode()
def whole(model: Any, audio: Tensor) -> Tensor:
    out: Tensor = model.encode_audio(audio)
    return out


@torch.inference_mode()
def padded(model: Any, audio: Tensor) -> Tensor:
    out: Tensor = model.encode_audio(audio.repeat(2, 1, 1), lengths=[audio.shape[-1], audio.shape[-1] - 9])
    return out


@torch.inference_mode()
def decoded(model: Any, audio: Tensor) -> Tensor:
    out: Tensor = model.decode_audio(model.encode_audio(audio), chunk_size=5)
    return out


WAYS = (chunks, stream, whole, padded, decoded)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ways", [(chunks,), (stream,), (chunks, whole), (padded, whole), WAYS])
def test_threads_do_not_know_each_other(
    name: str, ways: tuple[Callable[[Any, Tensor], Tensor], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunked, "fills_with_many", lambda device: True)
    model = MODELS[name]()
    clips = [torch.randn(1, 2, 40 * model.downsampling_ratio) for _ in range(CALLS)]
    jobs = [(ways[place % len(ways)], clip) for place, clip in enumerate(clips)]
    wanted = [way(model, clip) for way, clip in jobs]
    with ThreadPoolExecutor(THREADS) as pool:
        got = list(pool.map(lambda job: job[0](model, job[1]), jobs))
    for one, other in zip(got, wanted, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


class Foreign(nn.Module):
    """A layer of torch's own, as a user's encoder has it."""

    def __init__(self, kind: type[nn.LSTM] | type[nn.GRU], batch_first: bool) -> None:
        super().__init__()
        self.layer = kind(3, 3, 2, batch_first=batch_first)
        self.axes = (0, 2, 1) if batch_first else (2, 0, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layer(x.permute(*self.axes))[0]
        return out.permute(0, 2, 1) if self.layer.batch_first else out.permute(1, 2, 0)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@torch.inference_mode()
def test_layers_of_torch_too(kind: type[nn.LSTM] | type[nn.GRU], batch_first: bool) -> None:
    network = Foreign(kind, batch_first)
    field = layer_field(network.layer)

    def run(clip: Tensor) -> Tensor:
        with torch.inference_mode():
            return run_chunked(network, field, clip, 3)

    clips = [torch.randn(1, 3, 50) for _ in range(CALLS)]
    with ThreadPoolExecutor(THREADS) as pool:
        got = list(pool.map(run, clips))
    for one, clip in zip(got, clips, strict=True):
        assert torch.allclose(one, network(clip), atol=1e-6)


@torch.inference_mode()
def test_a_model_in_use_can_be_looked_at() -> None:
    """Nothing is put on a shared module while a stream runs."""
    network = Foreign(nn.LSTM, True)
    seen = []

    def run(x: Tensor) -> Tensor:
        seen.append("forward" in vars(network.layer))
        copy.deepcopy(network)
        return network(x)

    run_chunked(run, layer_field(network.layer), torch.randn(1, 3, 20), 5)
    assert seen == [False] * len(seen)


class Forgetful(nn.Module):
    """Says that it carries a state, and never asks for it."""

    batch_first = False

    def forward(self, x: Tensor) -> Tensor:
        return x.cumsum(-1)

    def receptive_field(self) -> ReceptiveField:
        return recurrent(self)


def test_a_layer_that_does_not_ask_for_its_state_is_refused() -> None:
    layer = Forgetful()
    with pytest.raises(NotExactError, match=r"Forgetful .*carried"):
        run_chunked(layer, layer.receptive_field(), torch.randn(1, 3, 20), 5)
