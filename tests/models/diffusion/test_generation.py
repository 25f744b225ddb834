"""`generate` of diffusion models: what a request means, and that an item is alone in its batch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_diffusion import RATE, build

from narrows.configs import NarrowsError
from narrows.models.diffusion.generation.buckets import alike
from narrows.models.diffusion.generation.requests import make_items
from narrows.models.diffusion.generation.run import batches

PROMPTS = [{"genre": "rock", "seconds_total": 0.25}, {"genre": "jazz", "seconds_total": 0.5}, {"genre": "rock"}]
SAMPLERS = {
    "v": ["dpmpp-2m-sde", "k-heun", "v-ddim", "v-ddim-cfgpp", "k-dpm-adaptive"],
    "rectified_flow": ["euler", "pingpong", "dpmpp"],
}


@pytest.mark.parametrize(("objective", "sampler"), [(o, s) for o, names in SAMPLERS.items() for s in names])
def test_an_item_does_not_depend_on_its_batch(objective: str, sampler: str) -> None:
    model = build(objective)
    state = torch.random.get_rng_state()
    options: dict[str, Any] = {"steps": 3, "sampler": sampler, "return_info": True}
    if sampler == "k-dpm-adaptive":
        options.pop("steps")
    # Steps chosen by errors make more of what rounding differs by.
    near: dict[str, float] = dict.fromkeys(("atol", "rtol"), 1e-4 if sampler == "k-dpm-adaptive" else 1e-5)
    together = model.generate(PROMPTS, seed=[5, 6, 7], **options)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert [a.shape[-1] for a in together.audio] == [250, 500, 512]
    for index, prompt in enumerate(PROMPTS):
        alone = model.generate([prompt], seed=[5 + index], **options)
        torch.testing.assert_close(alone.audio[0], together.audio[index], **near)
    parts = model.generate(PROMPTS, seed=5, batch_size=2, **options)
    for one, other in zip(parts.audio, together.audio, strict=True):
        torch.testing.assert_close(one, other, **near)
    assert [request.seed for request in parts.requests] == [5, 6, 7]


@pytest.mark.parametrize("inpaint", [False, True])
@pytest.mark.parametrize(("objective", "sampler"), [(o, s) for o, names in SAMPLERS.items() for s in names])
def test_an_item_of_another_length_does_not_depend_on_its_batch(objective: str, sampler: str, inpaint: bool) -> None:
    model = build(objective, inpaint=inpaint, mask_padding_attention=True)
    seconds, prompts = [0.46, 0.5, 0.48], ["rock", "jazz", "rock"]
    options: dict[str, Any] = {"sampler": sampler, "return_info": True}
    adaptive = sampler == "k-dpm-adaptive"
    if not adaptive:
        options["steps"] = 3
    together = model.generate(prompts, seconds=seconds, seed=5, **options)
    assert [latents.shape[-1] for latents in together.latents] == [115, 125, 120]
    # These samplers make more of what rounding differs by.
    loose = sampler in ("k-heun", "k-dpm-adaptive")
    near: dict[str, float] = dict.fromkeys(("atol", "rtol"), 1e-4 if loose else 1e-5)
    for index, length in enumerate(seconds):
        alone = model.generate(prompts[index], seconds=length, seed=5 + index, **options)
        torch.testing.assert_close(alone.latents[0], together.latents[index], **near)
        torch.testing.assert_close(alone.audio[0], together.audio[index], **near)
    items = make_items(model, prompts, 1, {}, seconds=seconds, seed=5, sampler=sampler)
    wanted = [[0], [1], [2]] if adaptive else [[0, 1, 2]]
    assert sorted(batches(model, items)) == wanted
    assert sorted(batches(build(objective, inpaint=inpaint), items)) == [[0, 1, 2]]  # all in the training crop


def test_batches_hold_little_padding() -> None:
    frames = [100, 40, 95, 41, 90, 39, 100]
    assert list(alike(range(7), frames, lambda _: 7)) == [[1, 3, 5], [0, 2, 4, 6]]
    assert list(alike(range(7), frames, lambda longest: 200 // longest)) == [[1, 3, 5], [2, 4], [0, 6]]
    assert list(alike([4, 1], frames, lambda _: 7)) == [[1], [4]]


def test_the_result_is_that_of_compat_for_the_same_noise() -> None:
    model = build()
    made = model.generate("jazz", seconds=0.5, seed=3, steps=4, sampler="v-ddim", return_info=True)
    noise = torch.randn(4, 128, generator=torch.Generator().manual_seed(3))
    from narrows.models.compat import sample_k

    tensors = model.conditioner([{"prompt": "jazz", "seconds_total": 0.5}], "cpu")  # type: ignore[misc]
    inputs = model.get_conditioning_inputs(tensors)
    with torch.no_grad():
        want = sample_k(
            lambda x, t: model.predict(x, t, inputs, 6.0), noise[None], steps=4, sampler_type="v-ddim", sigma_max=1.0
        )
    torch.testing.assert_close(made.latents[0], want[0], atol=1e-4, rtol=1e-4)


def test_count_and_seeds() -> None:
    model = build()
    audio = model.generate("jazz", seconds=0.2, seed=3, count=3, steps=2)
    assert audio.shape == (3, 1, 200)
    assert torch.allclose(audio[1], model.generate("jazz", seconds=0.2, seed=4, steps=2)[0], atol=1e-5)
    assert not torch.allclose(audio[0], audio[1], atol=1e-3)
    new = model.generate("jazz", seconds=0.2, steps=2, return_info=True).requests[0]
    assert isinstance(new.seed, int)


def test_a_stream_gives_every_item() -> None:
    model, steps = build(), []
    stream = model.generate(PROMPTS, seed=1, batch_size=1, steps=2, stream=True, on_step=steps.append)
    first = next(stream)
    assert (first.index, len(steps)) == (0, 2)
    assert sorted([first.index, *(one.index for one in stream)]) == [0, 1, 2]


def test_a_negative_prompt_is_heard() -> None:
    model = build()
    plain, negative = (model.generate("jazz", seconds=0.2, seed=1, steps=2, negative=word) for word in (None, "rock"))
    assert not torch.allclose(plain, negative, atol=1e-3)
    given = model.generate("jazz", seconds=0.2, seed=1, steps=2, negative={"genre": "rock"})
    assert given.shape == plain.shape


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_known_samples_come_back(objective: str, trained: bool) -> None:
    model = build(objective, inpaint=trained)
    audio = 0.5 * torch.randn(1, 500, generator=torch.Generator().manual_seed(0))
    made = model.generate("jazz", inpaint=(audio, RATE), regions=[(0.1, 0.2), (0.4, 0.45)], seed=1, steps=3)[0]
    inside = torch.zeros(500, dtype=torch.bool)
    inside[100:200] = inside[400:450] = True
    assert torch.equal(made[:, ~inside], audio[:, ~inside])
    assert not torch.allclose(made[:, inside], audio[:, inside], atol=1e-2)


def test_untrained_models_hear_what_is_known() -> None:
    model = build()
    audio = torch.randn(1, 512, generator=torch.Generator().manual_seed(0))
    made = model.generate(
        "jazz", inpaint=(audio, RATE), regions=[(0.1, 0.2)], seed=1, steps=4, sampler="v-ddim", return_info=True
    )
    with torch.no_grad():
        latents = model.encode(audio[None])[0]
    torch.testing.assert_close(made.latents[0][:, 50:], latents[:, 50:], atol=1e-3, rtol=1e-3)


def test_a_sound_is_continued() -> None:
    audio = torch.randn(1, 200)
    made = build().generate("jazz", seconds=0.4, inpaint=(audio, RATE), seed=1, steps=2)[0]
    assert made.shape == (1, 400)
    assert torch.equal(made[:, :200], audio)


def test_variations_start_from_audio() -> None:
    model = build("rectified_flow")
    audio = torch.randn(1, 512, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        trip = model.decode(model.encode(audio[None]))[0]
    levels = (0.0, 0.1, 0.9)
    made = [
        model.generate("jazz", seed=1, steps=4, init_audio=(audio, RATE), init_noise_level=level)[0] for level in levels
    ]
    distances = [float((one - trip).norm()) for one in made]
    assert distances[0] < 1e-4
    assert distances[0] < distances[1] < distances[2]


@pytest.mark.parametrize(
    ("prompts", "options", "words"),
    [
        ([{"genre": "rock"}, {"gnre": "rock"}], {}, "Item 1.*'gnre'.*Did you mean 'genre'"),
        ([{"genre": 3}], {}, "Item 0"),
        ([{"genre": "rock", "seconds_total": 99}], {}, "Item 0.*99"),
        ([{"genre": "rock", "seconds_total": 0.3}], {"seconds": 0.2}, "Item 0.*seconds_total"),
        ("jazz", {"seconds": 0.0}, "Item 0"),
        ("jazz", {"seconds": 3}, "Item 0.*0.512 s"),
        ("jazz", {"seed": [1, 2]}, "2 seeds"),
        ("jazz", {"count": 0}, "count"),
        ("jazz", {"steps": "many"}, "Item 0"),
        ("jazz", {"stpes": 3}, "stpes"),
        ("jazz", {"temperature": 1.0}, "language models"),
        ("jazz", {"sampler": "euler"}, "does not fit"),
        ("jazz", {"regions": [(0.1, 0.2)]}, "no audio to inpaint"),
        ("jazz", {"inpaint": (torch.zeros(1, 100), RATE), "regions": [(0.05, 0.2)]}, "region 0.05 to 0.2"),
        ("jazz", {"loop": True, "inpaint": (torch.zeros(1, 100), RATE)}, "loop keeps no samples"),
        ("jazz", {"loop": True, "extend": 1.0}, "no end to extend"),
        ("jazz", {"extend": 0}, "Item 0.*extend"),
        (["jazz", "rock"], {"seconds": [0.1, 0.2, 0.3]}, "3 values of seconds for 2"),
        (3, {}, "prompt"),
    ],
)
def test_bad_requests_are_refused(prompts: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises((NarrowsError, TypeError), match=f"(?s){words}"):
        build().generate(prompts, **{"steps": 2, **options})


def test_a_document_says_how_its_weights_are_sampled() -> None:
    wanted = {"sampler": "pingpong", "steps": 3, "cfg_scale": 1.0, "schedule": "linear"}
    model = build("rectified_flow")
    given = model.generate("jazz", seconds=0.2, seed=1, **wanted, return_info=True)
    model = build("rectified_flow", top={"generation": wanted})
    made = model.generate("jazz", seconds=0.2, seed=1, return_info=True)
    assert torch.equal(made.audio[0], given.audio[0])
    assert made.requests == given.requests  # so that the JSON beside a file says it too
    other = model.generate("jazz", seconds=0.2, seed=1, sampler="euler", steps=2, return_info=True).requests[0]
    assert (other.sampler, other.steps, other.schedule, other.cfg_scale) == ("euler", 2, None, 1.0)
    with pytest.raises(NarrowsError, match="euler does not fit the objective v"):
        build("v", top={"generation": {"sampler": "euler"}})


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_nothing_or_all_is_generated_anew(objective: str) -> None:
    """No region gives the input, the whole clip as region a plain generation of that seed."""
    model = build(objective)
    audio = 0.5 * torch.randn(1, 512, generator=torch.Generator().manual_seed(0))
    options: dict[str, Any] = {"seed": 3, "steps": 3}
    same = model.generate("jazz", inpaint=(audio, RATE), regions=[], **options)
    assert torch.equal(same[0], audio)
    anew = model.generate("jazz", inpaint=(audio, RATE), regions=[(0.0, 0.512)], **options)
    torch.testing.assert_close(anew, model.generate("jazz", seconds=0.512, **options), atol=1e-5, rtol=1e-5)


def test_a_seam_is_no_louder_than_what_is_around_it() -> None:
    model = build("rectified_flow")
    audio = 0.5 * torch.randn(1, 512, generator=torch.Generator().manual_seed(0))
    made = model.generate("jazz", inpaint=(audio, RATE), regions=[(0.1, 0.3)], seed=2, steps=4, count=20)
    jumps = (made[:, :, 1:] - made[:, :, :-1]).abs()[:, 0]
    most = torch.cat([jumps[:, 94:106], jumps[:, 294:306]], dim=1).amax(dim=1)
    assert bool((most <= 3 * jumps.quantile(0.99, dim=1)).all())
