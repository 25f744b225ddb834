"""One seed means the same noise for a whole clip, in chunks and in streams, in every bottleneck."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_bottlenecks import codec, options
from torch import Generator

from narrows.configs._families import FAMILIES
from narrows.models.blocks.frame_noise import TILE, ClipNoise, frame_gaussian
from narrows.models.streaming import DecodeStream, EncodeStream, NotExactError, streamed

CASES: list[tuple[str, dict[str, Any]]] = [
    *((tag, {}) for tag in FAMILIES["bottleneck"].tags if tag not in ("skip",)),
    ("dithered_fsq", {"dither_at_inference": True}),
    ("softnorm", {"noise_regularize": True, "auto_scale": True, "noise_level_inference": 0.5, "noise_augment_dim": 2}),
    ("softnorm", {"noise_augment_dim": 2}),
    ("wasserstein", {"noise_augment_dim": 2}),
    ("fsq", {"noise_augment_dim": 2}),
    ("dac_rvq", {"noise_augment_dim": 2}),
]


def seeded() -> Generator:
    return Generator().manual_seed(5)


@pytest.mark.parametrize(("tag", "extra"), CASES)
@torch.inference_mode()
def test_whole_clips_chunks_and_streams_agree(tag: str, extra: dict[str, Any]) -> None:
    model, audio = codec(tag, **extra), torch.randn(2, 1, 8 * 150, generator=seeded())
    whole = model.encode(audio, generator=seeded())
    coarse = {"atol": 1e-4, "rtol": 0.0}
    torch.testing.assert_close(model.encode_audio(audio, generator=seeded()), whole, **coarse)
    torch.testing.assert_close(model.encode_audio(audio, chunk_size=37, generator=seeded()), whole, **coarse)
    for size in (17, 700):
        blocks = model.encode_stream(audio.split(size, dim=-1), generator=seeded())
        torch.testing.assert_close(torch.cat(list(blocks), dim=-1), whole, **coarse)
    sound = model.decode(whole, generator=seeded())
    torch.testing.assert_close(model.decode_audio(whole, chunk_size=37, generator=seeded()), sound, **coarse)
    for size in (1, 97):
        pieces = model.decode_stream(whole.split(size, dim=-1), generator=seeded())
        torch.testing.assert_close(torch.cat(list(pieces), dim=-1), sound, **coarse)


@torch.inference_mode()
def test_a_second_clip_of_a_stream_gets_other_noise_and_so_does_a_second_call() -> None:
    model, audio = codec("vae"), torch.zeros(1, 1, 8 * 20)
    generator = seeded()
    stream = EncodeStream(model, generator=generator)
    first, second = (torch.cat(list(streamed(stream, [audio])), dim=-1) for _ in range(2))
    again = seeded()
    torch.testing.assert_close(first, model.encode(audio, generator=again), atol=1e-4, rtol=0)
    torch.testing.assert_close(second, model.encode(audio, generator=again), atol=1e-4, rtol=0)
    assert not torch.allclose(first, second, atol=0.01)


@torch.inference_mode()
def test_noise_relative_to_the_whole_clip_is_refused_in_streams_and_right_in_chunks() -> None:
    model = codec("softnorm", noise_regularize=True, noise_level_inference=0.5)
    latents = torch.randn(1, options("softnorm")["dim"], 50, generator=seeded())
    whole = model.decode(latents, generator=seeded())
    torch.testing.assert_close(model.decode_audio(latents, chunk_size=7, generator=seeded()), whole, atol=1e-4, rtol=0)
    with pytest.raises(NotExactError, match="deviation of the whole clip"):
        DecodeStream(model, generator=seeded())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_noise_of_a_frame_depends_on_its_place_alone(dtype: torch.dtype) -> None:
    frames = 2 * TILE + 5
    whole = frame_gaussian(torch.empty(1, 3, frames, dtype=dtype), seeded())
    noise = ClipNoise(seeded())
    sizes = [1, TILE - 1, 3, 0, TILE + 2]
    parts = [frame_gaussian(torch.empty(1, 3, n, dtype=dtype), noise.next_block()) for n in sizes]
    assert torch.equal(torch.cat(parts, dim=-1), whole[..., : sum(sizes)])
    assert len(whole.flatten().unique()) > 0.9 * whole.numel() or dtype == torch.bfloat16
    torch.testing.assert_close(whole.double(), frame_gaussian(torch.empty(1, 3, frames), seeded()).to(dtype).double())
