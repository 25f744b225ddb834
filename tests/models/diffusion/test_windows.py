"""Loops without a seam, sounds longer than the training crop, and decoding a piece at a time."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest
from support.tiny_diffusion import RATE, RATIO, build
from torch import Generator, Tensor

from narrows.models.diffusion.generation import decoding
from narrows.models.diffusion.generation.decoding import decoded, stretched
from narrows.models.diffusion.generation.windows import Windows, windowed
from narrows.models.diffusion.samplers import sample

FLOW: Any = {"sampler": "euler", "steps": 4}


@given(st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_windows_cover_every_frame(frames: int, size: int, loop: bool) -> None:
    if size > frames and not loop:
        with pytest.raises(ValueError, match="do not fit"):
            Windows(frames, size, loop)
        return
    windows = Windows(frames, size, loop)
    seen = [windows.places(start) for start in windows.starts]
    assert set(torch.cat(seen).tolist()) == set(range(frames))
    if loop:
        return
    assert [int(place[0]) for place in seen] == windows.starts
    assert (windows.starts[0], windows.starts[-1]) == (0, frames - size)
    assert all(b - a <= max(1, size // 2) for a, b in zip(windows.starts, windows.starts[1:], strict=False))


@given(st.integers(1, 40), st.integers(1, 40))
def test_what_all_windows_agree_on_is_what_they_say(frames: int, size: int) -> None:
    windows = Windows(frames, size, loop=size > frames)
    x = torch.randn(2, 3, frames, generator=Generator().manual_seed(frames), dtype=torch.float64)

    def part(x: Tensor, t: Tensor, given: Any, kind: Any) -> Any:
        return 2 * x + given["input_concat_cond"], {"uncond_output": x}

    out, info = windowed(part, {"input_concat_cond": x, "global_cond": x[..., 0]}, windows)(x, torch.ones(2))
    torch.testing.assert_close(out, 3 * x)
    torch.testing.assert_close(info["uncond_output"], x)


@pytest.mark.parametrize(("frames", "size"), [(32, 64), (32, 32), (96, 32)])
def test_rotated_noise_gives_the_rotated_loop(frames: int, size: int) -> None:
    model = build("rectified_flow")
    windows = Windows(frames, size, loop=True)
    inputs = model.get_conditioning_inputs(model.conditioner([{"genre": "jazz", "seconds_total": 0.5}], "cpu"))  # type: ignore[misc]
    noise = torch.randn(1, 4, frames, generator=Generator().manual_seed(1))

    def part(x: Tensor, t: Tensor, given: Any, kind: Any) -> Any:
        return model.predict(x, t, given, 3.0, return_info=True)

    def made(noise: Tensor) -> Tensor:
        return sample("euler", windowed(part, inputs, windows), noise, objective="rectified_flow", steps=4)

    shift = frames // len(windows.starts)
    torch.testing.assert_close(made(noise.roll(shift, -1)), made(noise).roll(shift, -1), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_a_loop_has_its_length_and_no_seam(objective: str) -> None:
    """Where the largest jump of a circle of samples is, says nothing about where the ends meet."""
    model = build(objective)
    audio = model.generate("jazz", seconds=0.3, seed=1, count=64, steps=3, loop=True)
    assert audio.shape == (64, 1, 300)
    jumps = (audio - audio.roll(1, -1)).abs()[:, 0]
    ranks = (jumps < jumps[:, :1]).double().mean(dim=1)  # of the jump from the last sample to the first
    assert kstest(ranks.numpy(), "uniform").pvalue > 0.01
    plain = model.generate("jazz", seconds=0.3, seed=1, count=64, steps=3)
    assert not torch.allclose(audio, plain, atol=1e-3)


def test_a_loop_decodes_alike_wherever_it_is_cut() -> None:
    model = build()
    latents = torch.randn(4, 30, generator=Generator().manual_seed(0))
    with torch.no_grad():
        whole = decoded(model, latents, 30 * RATIO, loop=True)
        cut = decoded(model, latents.roll(7, -1), 30 * RATIO, loop=True)
        ends = decoded(model, latents, 30 * RATIO)
    torch.testing.assert_close(cut, whole.roll(7 * RATIO, -1), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(ends[:, :8], whole[:, :8], atol=1e-4)


def test_a_period_keeps_its_shape_at_another_length() -> None:
    def wave(samples: int) -> Tensor:
        phase = torch.arange(samples).double() / samples * 2 * torch.pi
        return (torch.sin(3 * phase) + 0.3 * torch.cos(7 * phase) + 0.1)[None].float()

    for samples in (96, 100, 103, 128):
        torch.testing.assert_close(stretched(wave(100), samples), wave(samples), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_a_sound_goes_on_beyond_the_training_crop(objective: str) -> None:
    model = build(objective)
    made = model.generate("jazz", extend=0.7, seed=3, steps=3, return_info=True)
    assert made.audio[0].shape == (1, 512 + 700)
    assert made.requests[0].seconds == 0.512
    again = model.generate(made.requests[0], steps=3)
    torch.testing.assert_close(again[0], made.audio[0])
    short = model.generate("jazz", seconds=0.2, extend=0.1, seed=3, steps=3)
    torch.testing.assert_close(short, model.generate("jazz", seconds=0.3, seed=3, steps=3))


def test_items_that_are_extended_do_not_depend_on_their_batch() -> None:
    model = build("rectified_flow")
    options: Any = {"steps": 3, "return_info": True}
    both = model.generate(["jazz", "rock"], extend=[0.5, 0.6], seed=[1, 2], **options)
    assert [one.shape[-1] for one in both.audio] == [1012, 1112]
    alone = model.generate("rock", extend=0.6, seed=2, **options)
    torch.testing.assert_close(both.audio[1], alone.audio[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("trained", [True, False])
def test_a_known_sound_is_extended_and_kept(trained: bool) -> None:
    model = build(inpaint=trained)
    audio = 0.5 * torch.randn(1, 800, generator=Generator().manual_seed(0))
    made = model.generate("jazz", inpaint=(audio, RATE), extend=0.4, seed=1, steps=3)[0]
    assert made.shape == (1, 1200)
    assert torch.equal(made[:, :800], audio)


def test_long_sounds_are_decoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    latents = torch.randn(4, 300, generator=Generator().manual_seed(0))
    sizes = []
    hook = model.pretransform.model.decoder.register_forward_hook(
        lambda _, given, out: sizes.append(given[0].shape[-1])
    )  # type: ignore[union-attr]
    with torch.no_grad():
        whole = decoded(model, latents, 1200)
        monkeypatch.setattr(decoding, "PIECE", 40 * RATIO)
        pieces = decoded(model, latents, 1200)
        loop = decoded(model, latents, 1200, loop=True)
    hook.remove()
    torch.testing.assert_close(pieces, whole, atol=1e-5, rtol=1e-5)
    assert sizes[0] == 300
    assert max(sizes[1:]) < 150
    middle = slice(400, 800)
    torch.testing.assert_close(loop[:, middle], whole[:, middle], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("samples", [1, 37, 400, 1199])
def test_a_short_sound_is_decoded_as_far_as_it_is_heard(samples: int) -> None:
    model = build()
    latents = torch.randn(4, 300, generator=Generator().manual_seed(0))
    sizes = []
    decoder = model.pretransform.model.decoder  # type: ignore[union-attr]
    hook = decoder.register_forward_hook(lambda _, given, out: sizes.append(given[0].shape[-1]))
    with torch.no_grad():
        whole, short = decoded(model, latents, 1200), decoded(model, latents, samples)
    hook.remove()
    torch.testing.assert_close(short, whole[:, :samples], atol=1e-5, rtol=1e-5)
    assert sizes[1] <= min(300, samples // RATIO + 40)
