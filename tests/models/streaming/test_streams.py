"""Streams: what comes out when, and that nothing of a clip is left behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.chunkable_models import build, oobleck

from narrows.models import create_model_from_config
from narrows.models.streaming import DecodeStream, EncodeStream, chunking_report

NAMES = ["oobleck", "dac", "seanet_causal", "taae", "local_attn_causal", "pqmf"]


def fed_sample_by_sample(model: Any, audio: torch.Tensor) -> list[int]:
    """How many samples had been fed when each sample of the output came."""
    encode, decode = EncodeStream(model), DecodeStream(model)
    came: list[int] = []
    for fed in range(1, audio.shape[-1] + 1):
        latents = encode.feed(audio[..., fed - 1 : fed])
        sound = None if latents is None else decode.feed(latents)
        came += [fed] * (0 if sound is None else sound.shape[-1])
    return came


@pytest.mark.parametrize("name", NAMES)
@torch.inference_mode()
def test_the_latency_is_as_told(name: str) -> None:
    """No sample comes later than its latency, and the worst one exactly so."""
    model = build(name)
    latency = chunking_report(model).latency
    assert latency is not None
    audio = torch.randn(1, 2, 2 * latency + 20 * model.downsampling_ratio)
    came = fed_sample_by_sample(model, audio)
    # The first samples of a model that mirrors its start may come later, all at once.
    settled = [sample for sample, fed in enumerate(came) if fed > came[0]]
    assert len(settled) > 4 * model.downsampling_ratio
    assert max(came[sample] - sample for sample in settled) == latency


@torch.inference_mode()
def test_causal_models_stream_with_one_frame_of_latency() -> None:
    model = build("seanet_causal")
    report = chunking_report(model)
    assert report.encoder_context[1] == model.downsampling_ratio - 1
    assert report.latency == model.downsampling_ratio


@pytest.mark.parametrize("name", ["oobleck", "seanet_causal", "local_attn_causal"])
@torch.inference_mode()
def test_an_impulse_comes_out_no_earlier_than_it_may(name: str) -> None:
    """What a stream has given before the impulse was fed cannot know of it, and the rest equals the whole clip."""
    model = build(name)
    audio = torch.zeros(1, 2, 40 * model.downsampling_ratio)
    place = 20 * model.downsampling_ratio
    audio[..., place] = 1.0
    stream = EncodeStream(model)
    before = stream.feed(audio[..., :place])
    after = [stream.feed(audio[..., place:]), stream.finish()]
    got = torch.cat([part for part in (before, *after) if part is not None], dim=-1)
    silent = model.encode_audio(torch.zeros_like(audio))
    assert before is not None
    assert torch.allclose(before, silent[..., : before.shape[-1]], atol=1e-6)
    assert torch.allclose(got, model.encode_audio(audio), atol=1e-5)
    assert not torch.allclose(got, silent, atol=1e-5)


@pytest.mark.parametrize("name", ["oobleck", "seanet", "seanet_causal"])
@torch.inference_mode()
def test_a_stream_starts_anew(name: str) -> None:
    model = build(name)
    first, second = torch.randn(2, 1, 2, 500).unbind()
    stream = EncodeStream(model)
    stream.feed(first)
    stream.reset()
    again = [stream.feed(second), stream.finish()]
    finished = [stream.feed(second), stream.finish()]
    for parts in (again, finished):
        got = torch.cat([part for part in parts if part is not None], dim=-1)
        assert torch.allclose(got, model.encode_audio(second), atol=1e-5)


@pytest.mark.parametrize("name", ["oobleck", "seanet"])
@torch.inference_mode()
def test_clips_of_a_batch_do_not_know_each_other(name: str) -> None:
    model = build(name)
    audio = torch.randn(3, 2, 700)
    together = torch.cat(list(model.encode_stream(audio.split(64, dim=-1))), dim=-1)
    for row in range(3):
        alone = torch.cat(list(model.encode_stream(audio[row : row + 1].split(64, dim=-1))), dim=-1)
        assert torch.allclose(together[row : row + 1], alone, atol=1e-5)


@torch.inference_mode()
def test_the_buffer_does_not_grow() -> None:
    model = build("seanet")
    stream = EncodeStream(model)
    sizes = []
    for _ in range(60):
        stream.feed(torch.randn(1, 2, 300))
        buffer = stream._stream._buffer
        assert buffer is not None
        sizes.append(buffer.untyped_storage().nbytes())
    assert max(sizes[30:]) <= max(sizes[10:30])


def variational() -> Any:
    torch.manual_seed(0)
    document = oobleck()
    document["encoder"]["config"] = {**document["encoder"]["config"], "latent_dim": 16}
    document["bottleneck"] = {"type": "vae"}
    return create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": document}).eval()


@torch.inference_mode()
def test_noise_does_not_depend_on_chunks_or_blocks() -> None:
    model, audio = variational(), torch.randn(1, 2, 1000)

    def generator() -> torch.Generator:
        return torch.Generator().manual_seed(7)

    whole = model.encode_audio(audio, generator=generator())
    assert torch.allclose(model.encode_audio(audio, 3, generator=generator()), whole, atol=1e-5)
    streams = [
        torch.cat(list(model.encode_stream(audio.split(size, dim=-1), generator=generator())), dim=-1)
        for size in (17, 400)
    ]
    assert torch.allclose(*streams, atol=1e-5)


@torch.inference_mode()
def test_info_and_options_pass_through_chunks() -> None:
    model, audio = variational(), torch.randn(2, 2, 1000)
    latents, info = model.encode_audio(audio, 4, return_info=True, generator=torch.Generator().manual_seed(0))
    _, whole = model.encode_audio(audio, return_info=True, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(info["kl"], whole["kl"])
    inner = model.encode_audio(audio, 4, skip_bottleneck=True, iterate_batch=True)
    assert torch.allclose(inner, info["pre_bottleneck_latents"], atol=1e-6)
    assert latents.shape == (2, 8, 34)
