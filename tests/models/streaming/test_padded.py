"""Clips of different lengths that run together give what each gives alone; made to happen on a CPU too."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chunkable_models import MODELS, build_from, dac, oobleck, seanet
from support.gpu import exact  # noqa: F401
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.streaming import chunked
from narrows.models.streaming.padded import buckets, padded_network

CONVOLUTIONAL: dict[str, dict[str, Any]] = {
    "oobleck": oobleck(use_snake=True),
    "oobleck_nearest": oobleck(use_snake=True),
    "dac": dac(),
    "dac_exact_length": dac(exact_length=True),
    "seanet": seanet(),
    "seanet_causal": seanet(causal=True, lstm=1),
    "seanet_replicate": seanet(pad_mode="replicate", n_residual_layers=2, dilation_base=3, true_skip=True),
    "seanet_zeros": seanet(pad_mode="constant", lstm=0),
}
CONVOLUTIONAL["oobleck_nearest"]["decoder"]["config"]["use_nearest_upsample"] = True
BUILT: dict[str, Any] = {}


def model_of(name: str) -> Any:
    if name not in BUILT:
        BUILT[name] = build_from(CONVOLUTIONAL[name])
    return BUILT[name]


@pytest.fixture(autouse=True)
def on_any_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked, "fills_with_many", lambda device: True)


def batch_of(lengths: list[int], device: str = "cpu") -> Tensor:
    clips = [torch.randn(2, n, generator=torch.Generator().manual_seed(n)) for n in lengths]
    # What stands behind a clip must not matter.
    return torch.stack([F.pad(clip, (0, max(lengths) - clip.shape[-1]), value=9.0) for clip in clips]).to(device)


def calls(module: nn.Module) -> list[int]:
    """The size of each batch that a module gets from now on."""
    sizes: list[int] = []
    module.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    return sizes


@torch.inference_mode()
def check(model: Any, lengths: list[int], tolerance: float = 1e-5, device: str = "cpu") -> None:
    audio = batch_of(lengths, device)
    latents, info = model.encode_audio(audio, lengths=lengths, return_info=True)
    decoded = model.decode_audio(latents, lengths=lengths)
    for row, length in enumerate(lengths):
        alone = model.encode_audio(audio[row : row + 1, :, :length])[0]
        own = info["latent_lengths"][row]
        assert own == alone.shape[-1]
        assert (latents[row, :, :own] - alone).abs().max() < tolerance * alone.abs().max()
        assert not latents[row, :, own:].any()
        sound = model.decode_audio(latents[row : row + 1, :, : -(-length // 30)])[0, :, :length]
        assert (decoded[row, :, : sound.shape[-1]] - sound).abs().max() < tolerance * sound.abs().max()
        assert not decoded[row, :, length:].any()


@pytest.mark.parametrize("name", CONVOLUTIONAL)
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_each_clip_gets_its_own_result(name: str, data: st.DataObject) -> None:
    longest = data.draw(st.integers(300, 1500))
    lengths = data.draw(st.lists(st.integers(longest * 7 // 8, longest), min_size=2, max_size=4))
    check(model_of(name), lengths)


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_clips_of_similar_length_run_at_once(name: str) -> None:
    model = build_from(CONVOLUTIONAL[name])
    encoded, decoded = calls(model.encoder), calls(model.decoder)
    with torch.inference_mode():
        latents = model.encode_audio(batch_of([900, 700, 870, 841]), lengths=[900, 700, 870, 841])
        model.decode_audio(latents, lengths=[900, 700, 870, 841])
    assert encoded == decoded == [1, 3]


@pytest.mark.parametrize("lengths", [[1, 31, 61, 91], [211, 181, 182, 205]])
@pytest.mark.parametrize("name", ["seanet", "seanet_replicate", "dac"])
def test_short_clips(name: str, lengths: list[int]) -> None:
    """Some are too short to be reflected."""
    check(model_of(name), lengths)


def test_gradients_and_chunks_leave_the_hooks_out() -> None:
    model = build_from(CONVOLUTIONAL["dac"])
    encoded = calls(model.encoder)
    model.encode_audio(batch_of([900, 870]), lengths=[900, 870])
    with torch.inference_mode():
        model.encode_audio(batch_of([900, 870]), 100, lengths=[900, 870])
    assert encoded == [1, 1, 1, 1]


@pytest.mark.parametrize("name", ["oobleck_antialiased", "taae", "local_attn", "same_window"])
def test_networks_that_are_not_known_run_by_equal_length(name: str) -> None:
    model = build_from(MODELS[name])
    assert padded_network(model.encoder) is None
    assert padded_network(model.decoder) is None


def test_compiled_networks_do_not_notice_hooks() -> None:
    model = build_from(CONVOLUTIONAL["dac"])
    assert padded_network(model.encoder) is not None
    model.encoder.compile()
    assert padded_network(model.encoder) is None


def test_norms() -> None:
    """Over channels they keep clips apart, over time they do not."""
    assert padded_network(build_from(seanet(norm="layer_norm")).encoder) is not None
    assert padded_network(build_from(seanet(norm="time_group_norm")).encoder) is None


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30), st.integers(0, 50))
def test_buckets(lengths: list[int], reach: int) -> None:
    found = buckets(lengths, reach)
    assert sorted(place for bucket in found for place in bucket) == list(range(len(lengths)))
    for bucket in found:
        own = [lengths[place] for place in bucket]
        assert len(set(own)) == 1 or (min(own) >= max(own) * 7 / 8 and min(own) > reach)


@pytest.mark.cuda
@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_on_a_gpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    check(build_from(CONVOLUTIONAL[name]).cuda(), [1500, 1333, 1420, 600], 1e-4, "cuda")
