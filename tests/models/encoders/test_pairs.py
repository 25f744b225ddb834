"""What holds for every encoder and decoder, and for every pair of them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_models import DECODERS, ENCODERS, LATENTS, RATIO, TYPES, build, config
from torch import Tensor

from narrows.models import (
    create_decoder_from_config,
    create_encoder_from_config,
    create_model_from_config,
    load_model,
    save_model,
)
from narrows.models.inference import keep_exact, to_dtype


def sound(frames: int = 24, batch: int = 2) -> Tensor:
    return torch.randn(batch, 2, RATIO * frames, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", params=TYPES)
def model(request: pytest.FixtureRequest) -> Any:
    return build(request.param, request.param)


@pytest.mark.parametrize("encoder", TYPES)
@pytest.mark.parametrize("decoder", TYPES)
@torch.inference_mode()
def test_every_encoder_goes_with_every_decoder(encoder: str, decoder: str) -> None:
    pair = build(encoder, decoder)
    latents = pair.encode(sound())
    assert latents.shape == (2, LATENTS, 24)
    assert pair.decode(latents).shape == (2, 2, RATIO * 24)


@torch.inference_mode()
def test_training_mode_computes_the_same(model: Any) -> None:
    evaluated = model(sound())
    torch.testing.assert_close(copy.deepcopy(model).train()(sound()), evaluated)


@torch.inference_mode()
def test_a_clip_is_the_same_alone_and_in_a_batch(model: Any) -> None:
    batch = sound(batch=3)
    torch.testing.assert_close(model(batch)[1:2], model(batch[1:2]), atol=1e-5, rtol=1e-4)


@pytest.fixture(scope="module")
def tried() -> None:
    """The kernels of all types, tried by one process for each arithmetic instead of one for each test."""
    for dtype, gradients in ((torch.bfloat16, True), (torch.float16, False)):
        keep_exact({kind: build(kind, kind) for kind in TYPES}, dtype, gradients)


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.inference_mode()
def test_half_precision_is_close(model: Any, dtype: torch.dtype) -> None:
    half = to_dtype(copy.deepcopy(model), dtype, gradients=False)
    latents, wanted = half.encode(sound().to(dtype)), model.encode(sound())
    audio, wanted_audio = half.decode(wanted.to(dtype)), model.decode(wanted)
    assert latents.dtype == audio.dtype == dtype
    assert (latents.float() - wanted).norm() < 0.05 * wanted.norm()
    assert (audio.float() - wanted_audio).norm() < 0.05 * wanted_audio.norm()


@pytest.mark.usefixtures("tried")
def test_trains_under_autocast(model: Any) -> None:
    trained, wanted = copy.deepcopy(model).train(), model(sound())
    keep_exact({"": trained}, torch.bfloat16, gradients=True)
    with torch.autocast("cpu", torch.bfloat16):
        audio = trained(sound())
        loss = (audio.float() - sound()).square().mean()
    loss.backward()
    assert (audio.float() - wanted).norm() < 0.1 * wanted.norm()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trained.parameters())


@torch.inference_mode()
def test_a_copy_shares_nothing(model: Any) -> None:
    other, before = copy.deepcopy(model), model(sound())
    torch.testing.assert_close(other(sound()), before, atol=0, rtol=0)
    for parameter in other.parameters():
        parameter.zero_()
    torch.testing.assert_close(model(sound()), before, atol=0, rtol=0)


@pytest.mark.parametrize("kind", TYPES)
def test_the_meta_device_gives_shapes(kind: str) -> None:
    with torch.device("meta"):
        model = create_model_from_config(config(kind, kind))
        latents = model.encode(torch.empty(1, 2, RATIO * 24))
        assert latents.device.type == "meta"
        assert latents.shape == (1, LATENTS, 24)
        assert model.decode(latents).shape == (1, 2, RATIO * 24)


def test_gradients_reach_every_parameter(model: Any) -> None:
    trained = copy.deepcopy(model).train()
    trained(sound()).square().mean().backward()
    missing = [n for n, p in trained.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not missing


@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES)
@torch.inference_mode()
def test_compiles_without_graph_breaks(kind: str) -> None:
    model = build(kind, kind)
    latents, audio = model.encode(sound()), model.decode(model.encode(sound()))
    torch._dynamo.reset()
    encode = torch.compile(model.encode, fullgraph=True, backend="aot_eager")
    decode = torch.compile(model.decode, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(encode(sound()), latents, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(decode(latents), audio, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_saved_and_loaded_it_is_the_same(model: Any, tmp_path: Path) -> None:
    save_model(model, tmp_path / "model")
    torch.testing.assert_close(load_model(tmp_path / "model").eval()(sound()), model(sound()), atol=0, rtol=0)


@pytest.mark.parametrize("kind", TYPES)
def test_building_does_not_change_the_configuration(kind: str) -> None:
    """Building a seanet with stable-audio-tools turns `ratios` round in the caller's dictionary."""
    given = config(kind, kind)
    before = copy.deepcopy(given)
    first, second = create_model_from_config(given), create_model_from_config(given)
    assert given == before
    for a, b in zip(first.state_dict().items(), second.state_dict().items(), strict=True):
        assert (a[0], a[1].shape) == (b[0], b[1].shape)


@pytest.mark.parametrize("kind", TYPES)
def test_requires_grad_freezes(kind: str) -> None:
    encoder = create_encoder_from_config({"type": kind, "config": ENCODERS[kind], "requires_grad": False})
    decoder = create_decoder_from_config({"type": kind, "config": DECODERS[kind], "requires_grad": False})
    assert not any(p.requires_grad for p in (*encoder.parameters(), *decoder.parameters()))


@torch.inference_mode()
def test_lengths_that_are_not_whole_frames_are_padded(model: Any) -> None:
    assert model.encode_audio(sound()[..., : RATIO * 20 + 3]).shape[-1] == 21
