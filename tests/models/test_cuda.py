"""Models on a GPU give what they give on the CPU: whole, in chunks, as streams, prepared and out of files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from models.spectral.test_autoencoder import model_file
from models.test_components import BOTTLENECKS, bottleneck, encoder_output
from support.chunkable_models import MODELS, build, build_from, dac, oobleck, seanet
from support.gpu import difference, equal_share, exact  # noqa: F401
from torch import Generator, Tensor

from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.codec import model_hash
from narrows.models.inference import prepare_for_inference

pytestmark = pytest.mark.cuda
DEVICE = "cuda"

TOLERANCE = 1e-4
PREPARED = {"oobleck": oobleck(use_snake=True), "dac": dac(), "seanet": seanet(lstm=0)}


@pytest.fixture(scope="module", params=MODELS)
def twins(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A model on the CPU, and its copy on the device."""
    model = build(request.param)
    return model, copy.deepcopy(model).to(DEVICE)


def seeded(device: str = "cpu") -> Generator:
    return Generator(device).manual_seed(1)


def sound(model: Any, length: int = 613) -> Tensor:
    return 0.3 * torch.randn(2, model.in_channels, length, generator=seeded())


@torch.inference_mode()
def test_latents_and_audio_are_those_of_the_cpu(twins: tuple[Any, Any]) -> None:
    here, there = twins
    latents = here.encode_audio(sound(here))
    assert difference(there.encode_audio(sound(here).to(DEVICE)), latents) < TOLERANCE
    assert difference(there.decode_audio(latents.to(DEVICE)), here.decode_audio(latents)) < TOLERANCE


@torch.inference_mode()
def test_chunks_and_streams_give_the_whole(twins: tuple[Any, Any]) -> None:
    _, model = twins
    audio = sound(model).to(DEVICE)
    latents = model.encode_audio(audio)
    decoded = model.decode_audio(latents)
    for chunk in (3, 17):
        assert difference(model.encode_audio(audio, chunk), latents) < TOLERANCE, chunk
        assert difference(model.decode_audio(latents, chunk), decoded) < TOLERANCE, chunk
    assert difference(torch.cat(list(model.encode_stream(audio.split(101, -1))), -1), latents) < TOLERANCE
    assert difference(torch.cat(list(model.decode_stream(latents.split(4, -1))), -1), decoded) < TOLERANCE


def test_gradients_pass_through_a_model_that_is_not_trained(twins: tuple[Any, Any]) -> None:
    _, model = twins
    decoded = model.decode_audio(model.encode_audio(sound(model).to(DEVICE)))
    gradients = torch.autograd.grad(decoded.square().mean(), list(model.encoder.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("cac", [True, False], ids=["real", "complex"])
@pytest.mark.parametrize("kind", ["seanet2d", "patch_transformer"])
@torch.inference_mode()
def test_spectral_models_give_what_they_give_on_the_cpu(kind: str, cac: bool) -> None:
    torch.manual_seed(0)
    here = create_model_from_config(model_file(kind, cac)).eval()
    there, audio = copy.deepcopy(here).to(DEVICE), sound(here, 10 * here.downsampling_ratio)
    latents = here.encode(audio, generator=seeded())
    assert difference(there.encode(audio.to(DEVICE), generator=seeded()), latents) < TOLERANCE
    assert difference(there.decode(latents.to(DEVICE)), here.decode(latents)) < TOLERANCE


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@torch.inference_mode()
def test_bottlenecks_give_what_they_give_on_the_cpu(tag: str) -> None:
    here, x = bottleneck(tag).eval(), encoder_output(tag, 600)
    there = copy.deepcopy(here).to(DEVICE)
    latents, info = here.encode(x, return_info=True, generator=seeded())
    got, reported = there.encode(x.to(DEVICE), return_info=True, generator=seeded())
    if isinstance(here, DiscreteBottleneck):
        tokens = here.tokens(info)
        assert equal_share(there.tokens(reported), tokens) >= 0.999
        got, latents = there.dequantize(tokens.to(DEVICE)), here.dequantize(tokens)
    assert difference(got, latents) < TOLERANCE
    decoded = there.decode(latents.to(DEVICE), generator=seeded())
    assert difference(decoded, here.decode(latents, generator=seeded())) < TOLERANCE


@pytest.mark.parametrize("source", ["cpu", DEVICE])
@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
def test_bottlenecks_train_with_noise_of_either_device(tag: str, source: str) -> None:
    module, generator = bottleneck(tag).train().to(DEVICE), seeded(source)
    x = encoder_output(tag, 40).to(DEVICE).requires_grad_()
    latents, info = module.encode(x, return_info=True, generator=generator)
    decoded = module.decode(latents, generator=generator)
    loss = decoded.square().mean() + sum(info[term.key] for term in module.losses)
    loss.backward()
    assert decoded.device == x.device
    assert loss.isfinite()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def prepared(name: str, **options: Any) -> list[tuple[Tensor, Tensor]]:
    """Latents and audio that a prepared model gives on the device, each with what the model gave on the CPU."""
    model = build_from(PREPARED[name])
    audio = sound(model, 3000)
    with torch.inference_mode():
        latents = model.encode_audio(audio)
        wanted = latents, model.decode_audio(latents)
    prepare_for_inference(model.to(DEVICE), **options)
    dtype = next(model.parameters()).dtype
    with torch.inference_mode():
        got = model.encode_audio(audio.to(DEVICE, dtype)), model.decode_audio(latents.to(DEVICE, dtype))
    return list(zip(got, wanted, strict=True))


@pytest.mark.parametrize("name", PREPARED)
def test_prepared_models_give_the_same(name: str) -> None:
    for got, wanted in prepared(name):
        assert difference(got, wanted) < TOLERANCE


@pytest.mark.parametrize("name", PREPARED)
def test_bfloat16_stays_close(name: str) -> None:
    for got, wanted in prepared(name, dtype=torch.bfloat16):
        assert got.dtype == torch.bfloat16
        assert 20 * (wanted.norm() / (got.cpu().float() - wanted).norm()).log10() > 30


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the compiler's own: that TF32 is off, for one
@pytest.mark.parametrize("name", PREPARED)
def test_compiled_models_give_the_same(name: str) -> None:
    torch._dynamo.reset()
    for got, wanted in prepared(name, compile=True):
        assert difference(got, wanted) < 1e-3


def test_files_know_no_device(tmp_path: Path) -> None:
    model = build("seanet_causal").to(DEVICE)
    loaded = load_model(save_model(model, tmp_path / "saved"))
    assert {value.device.type for value in loaded.state_dict().values()} == {"cpu"}
    assert model_hash(loaded) == model_hash(model)
    back = load_model(save_model(loaded, tmp_path / "again")).to(DEVICE)
    with torch.inference_mode():
        latents = model.encode_audio(sound(model).to(DEVICE))
        assert difference(back.encode_audio(sound(model).to(DEVICE)), latents) < TOLERANCE
        assert difference(loaded.encode_audio(sound(model)), latents) < TOLERANCE
    files = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("saved", "again")]
    assert files[0] == files[1]
