"""Generation: the cache changes nothing, items do not depend on each other, frames stream, sounds end and go on."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from support.tiny_lm import BACKBONES, CODEBOOK_SIZE, PATTERNS, build, built, codes, conditions, masked_config

from narrows.models.finite import NotFiniteError
from narrows.models.inspection_of_generators import peak_bytes
from narrows.models.lm.coding import walk
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.generation import GenerationOptions, Predictor
from narrows.models.lm.precision import prepare_generation

SAMPLED: dict[str, Any] = {"temperature": 0.9, "top_k": 6}


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@pytest.mark.parametrize(("pattern", "backbone"), list(product(PATTERNS, BACKBONES)))
def test_cached_codes_are_those_without(pattern: str, backbone: str) -> None:
    """Patterns x prompts x guidance x prepended and attended conditions."""
    for prepend, cross in product((False, True), (False, True)):
        model = build(backbone, PATTERNS[pattern], cross=cross, prepend=prepend)
        tensors = conditions(2) if prepend or cross else None
        for prompt, scale in product((0, 1, 7), (1.0, 2.5)):
            given = codes(2, prompt) if prompt else None
            both = [
                model.generate_codes(
                    9, 2, tensors, given, cfg_scale=scale, cache=cache, generator=generators(3, 4), **SAMPLED
                )
                for cache in (True, False)
            ]
            assert torch.equal(both[0], both[1]), (prepend, cross, prompt, scale)
            assert torch.equal(both[0][..., :prompt], codes(2, prompt) if prompt else both[0][..., :0])
            assert int(both[0].min()) >= 0
            assert int(both[0].max()) < CODEBOOK_SIZE


OPTIONS: dict[str, dict[str, Any]] = {
    "absolute": {"rotary_pos_emb": False, "use_abs_pos_emb": True},
    "sinusoidal": {"rotary_pos_emb": False, "use_sinusoidal_emb": True},
    "own rotary": {"rotary_pos_emb": False, "add_rope": True},
    "memory": {"num_memory_tokens": 3},
    "window": {"sliding_window": [3, 2]},
    "differential": {"attn_kwargs": {"differential": True}},
    "norms": {"attn_kwargs": {"qk_norm": "ln"}, "remove_norms": True},
    "l2": {"attn_kwargs": {"qk_norm": "l2"}, "layer_scale": True},
    "first layers attend": {"final_cross_attn_ix": 0},
    "plain feed-forward": {"ff_kwargs": {"glu": False, "no_bias": True}, "norm_kwargs": {"force_fp32": True}},
}


@pytest.mark.parametrize("cross_attention", ["reference", "full"])
@pytest.mark.parametrize("name", OPTIONS)
def test_cached_codes_with_every_option(name: str, cross_attention: str) -> None:
    """More condition tokens than steps too, and a first step that sees all of them."""
    for prepend in (False, True):
        model = build(options=OPTIONS[name], cross=True, prepend=prepend, added=True, cross_attention=cross_attention)
        tensors = conditions(2, tokens=8, padded=True)
        both = [
            model.generate_codes(6, 2, tensors, cfg_scale=1.5, cache=c, generator=generators(3, 4), **SAMPLED)
            for c in (True, False)
        ]
        assert torch.equal(*both)


@pytest.mark.parametrize("shared", [True, False])
def test_cached_codes_with_a_depth_transformer(shared: bool) -> None:
    depth = {"dim": 32, "dim_heads": 16, "depth": 2, "shared_weights": shared}
    for pattern, end in product(("parallel", "delay"), (False, True)):
        model = build(pattern=pattern, cross=True, depth=depth, end_token=end)
        both = [
            model.generate_codes(
                8, 2, conditions(2), codes(2, 3), cfg_scale=2.0, cache=c, generator=generators(3, 4), **SAMPLED
            )
            for c in (True, False)
        ]
        assert torch.equal(*both)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_step_by_step_says_what_the_whole_says(pattern: str) -> None:
    """Greedy codes are the likeliest by the logits that training computes, where it computes them."""
    model = build(pattern=PATTERNS[pattern])
    made = model.generate_codes(9, 2, temperature=0.0)
    out = model.compute_logits(made)
    assert torch.equal(out.logits.nan_to_num(-1e9).argmax(-1)[out.mask], made[out.mask])


@pytest.mark.parametrize("backbone", BACKBONES)
def test_an_item_is_what_it_is_alone(backbone: str) -> None:
    model = build(backbone, cross=True, prepend=True, added=True)
    tensors = conditions(3)
    together = model.generate_codes(8, 3, tensors, cfg_scale=2.0, generator=generators(5, 6, 7), **SAMPLED)
    for item, seed in enumerate((5, 6, 7)):
        own = {k: (e[item : item + 1], None if m is None else m[item : item + 1]) for k, (e, m) in tensors.items()}
        alone = model.generate_codes(8, 1, own, cfg_scale=2.0, generator=generators(seed), **SAMPLED)
        assert torch.equal(alone, together[item : item + 1])


def test_generators_leave_the_global_state_alone() -> None:
    model = build()
    state = torch.get_rng_state()
    model.generate_codes(5, 2, generator=generators(1, 2))
    model.generate_codes(5, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(state, torch.get_rng_state())
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_one_seed_gives_one_result_and_another_seed_another() -> None:
    model = build()
    first, again, other = (model.generate_codes(8, 1, generator=generators(s)) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_frames_stream_as_they_are_complete(pattern: str) -> None:
    model = build(pattern=PATTERNS[pattern])
    done: list[int] = []
    seen, at = [], []
    for part in model.stream_codes(12, 2, generator=generators(1, 2), on_step=lambda i, n: done.append(n - i)):
        seen.append(part.codes)
        at.append(done[-1])
    whole = model.generate_codes(12, 2, generator=generators(1, 2))
    assert torch.equal(torch.cat(seen, dim=-1), whole)
    assert done == list(range(len(done)))[::-1]
    if model.lm.pattern.is_streamable:
        assert len(seen) == 12
        assert at[0] > at[-1] == done[-1] + at[-1]


def test_guidance_leads_away_from_zeros_or_from_negative_conditions() -> None:
    model = build(cross=True, prepend=True, added=True)
    tensors = conditions(2)
    zeros = {k: (torch.zeros_like(e), m) for k, (e, m) in tensors.items()}
    plain = model.generate_codes(8, 2, tensors, temperature=0)
    guided = model.generate_codes(8, 2, tensors, temperature=0, cfg_scale=6.0)
    same = model.generate_codes(8, 2, tensors, temperature=0, cfg_scale=6.0, negative_tensors=zeros)
    itself = model.generate_codes(8, 2, tensors, temperature=0, cfg_scale=6.0, negative_tensors=tensors)
    assert torch.equal(guided, same)
    assert torch.equal(itself, plain)
    assert not torch.equal(guided, plain)


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_guidance_is_the_formula_in_one_batch(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scale of 1 costs one pass an item; others lead as far from the unconditional logits as they say."""
    model, rows, logits = build(cross=True), list[int](), list[torch.Tensor]()
    step, guide = type(model.lm).step, Predictor.guide

    def counted(self: Any, tokens: torch.Tensor, *rest: Any) -> torch.Tensor:
        rows.append(len(tokens))
        return step(self, tokens, *rest)

    def kept(self: Predictor, given: torch.Tensor) -> torch.Tensor:
        logits.append(guide(self, given))
        return logits[-1]

    monkeypatch.setattr(type(model.lm), "step", counted)
    monkeypatch.setattr(Predictor, "guide", kept)
    tensors, given = conditions(2), codes(2, 5)
    model.generate_codes(6, 2, tensors, given, cfg_scale=scale)
    assert set(rows) == {2 if scale == 1 else 4}
    zeros = {k: (torch.zeros_like(e), m) for k, (e, m) in tensors.items()}
    whole = torch.cat((given, codes(2, 1)), dim=-1)
    said, unsaid = (model.compute_logits(whole, t).logits[:, 0, 5] for t in (tensors, zeros))
    torch.testing.assert_close(logits[0][:, 0], unsaid + scale * (said - unsaid), rtol=1e-4, atol=1e-4)


def test_guidance_without_conditions_is_no_guidance() -> None:
    model = build()
    assert torch.equal(
        model.generate_codes(6, 2, temperature=0, cfg_scale=3.0), model.generate_codes(6, 2, temperature=0)
    )


def test_added_conditions_reach_every_step() -> None:
    model = build(added=True)
    tensors = conditions(1)
    with torch.no_grad():
        before = model.compute_logits(codes(1, 6), tensors).logits
        tensors["level"] = (tensors["level"][0] + 1.0, None)
        after = model.compute_logits(codes(1, 6), tensors).logits
    assert ((before - after).abs().amax((1, 3)).nan_to_num(1.0) > 1e-4).all()


def test_padding_is_hidden_from_full_cross_attention() -> None:
    for backbone in BACKBONES:
        model = build(backbone, cross=True, cross_attention="full")
        tensors, changed = conditions(2, padded=True), conditions(2, padded=True)
        changed["text"][0][:, 1] += 5.0
        with torch.no_grad():
            assert torch.equal(
                model.compute_logits(codes(2, 6), tensors).logits.nan_to_num(),
                model.compute_logits(codes(2, 6), changed).logits.nan_to_num(),
            )
            nothing = {"text": (tensors["text"][0], torch.zeros(2, 3))}
            assert not model.compute_logits(codes(2, 6), nothing).logits[:, 0].isnan().any()


def test_prepended_padding_is_hidden_in_x_transformers() -> None:
    model = build("x-transformers", prepend=True)
    tensors, changed = conditions(2, padded=True), conditions(2, padded=True)
    changed["front"][0][:, 1] += 5.0
    with torch.no_grad():
        before, after = (model.compute_logits(codes(2, 6), t).logits.nan_to_num() for t in (tensors, changed))
    torch.testing.assert_close(before, after)


def ending(model: Any, frames: dict[int, int]) -> None:
    """Make item i end at a frame: its logit of the end is high at the step before."""
    plain = model.lm.logits

    def logits(hidden: torch.Tensor, tables: Any) -> torch.Tensor:
        out = plain(hidden, tables).clone()
        out[:, 0, model.lm.special] = -1e4
        for item, frame in frames.items():
            if model.lm.asked == frame:
                out[item, 0, model.lm.special] = 1e4
        model.lm.asked += 1
        return out

    model.lm.asked = 0
    model.lm.logits = logits


@pytest.mark.parametrize("pattern", ["delay", "parallel"])
def test_sounds_end_where_their_end_token_is(pattern: str) -> None:
    model = build(pattern=pattern, end_token=True)
    ending(model, {0: 3, 1: 6})
    parts = list(model.stream_codes(20, 2, generator=generators(1, 2)))
    assert parts[-1].lengths.tolist() == [3, 6]
    made = torch.cat([part.codes for part in parts], dim=-1)
    assert made.shape[-1] == 6  # the rest is not worked on
    assert (made[0, :, 3:] == 0).all()
    assert int(made.max()) < CODEBOOK_SIZE
    free = build(pattern=pattern, end_token=True)
    ending(free, {})
    unended = free.generate_codes(20, 2, generator=generators(1, 2))
    assert torch.equal(made[0, 0, :3], unended[0, 0, :3])
    ending(model, {0: 3, 1: 6})
    assert model.generate_codes(20, 2, generator=generators(1, 2)).shape == (2, 4, 20)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_windows_go_on_beyond_the_trained_length(pattern: str) -> None:
    model = build(pattern=PATTERNS[pattern])
    made = model.generate_codes(23, 2, window=8, overlap=3, generator=generators(1, 2))
    assert made.shape == (2, 4, 23)
    first = model.generate_codes(8, 2, generator=generators(1, 2))
    assert torch.equal(made[..., :8], first)
    greedy = model.generate_codes(13, 2, window=8, overlap=3, temperature=0)
    second = model.generate_codes(8, 2, prompt_codes=greedy[..., 5:8], temperature=0)
    assert torch.equal(greedy[..., 5:13], second)
    prompted = model.generate_codes(23, 2, prompt_codes=codes(2, 11), window=8, temperature=0)
    assert torch.equal(prompted[..., :11], codes(2, 11))


def test_a_windowed_sound_ends_too() -> None:
    model = build(end_token=True)
    ending(model, {0: 3})
    parts = list(model.stream_codes(14, 2, window=6, overlap=2, generator=generators(1, 2)))
    made = torch.cat([part.codes for part in parts], dim=-1)
    assert made.shape[-1] == 14
    assert parts[-1].lengths.tolist() == [3, 14]
    assert (made[0, :, 3:] == 0).all()
    assert (made[1] > 0).any()


def test_a_prompt_as_long_as_the_sound_comes_back() -> None:
    assert torch.equal(build().generate_codes(5, prompt_codes=codes(2, 5)), codes(2, 5))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_takes_the_memory_of_weights_and_cache(precision: str) -> None:
    """Of all tensors that a run makes, guided, beside those of the model: to 5 % of both together."""
    model = build(cross=True, cross_attention="full", options={"embed_dim": 128, "depth": 3})
    prepare_generation(model, precision)
    width = 4 if precision == "float32" else 2
    given = model.conditions(conditions(1), 1)
    weights = sum(p.numel() * p.element_size() for p in model.lm.parameters())
    cache = model.lm.backbone.cache_bytes(63, 2, given.joined(given.null()), width)
    taken = peak_bytes(lambda: model.generate_codes(60, condition_tensors=conditions(1), cfg_scale=3.0, top_k=5))
    assert cache > 0.1 * weights
    assert weights + taken == pytest.approx(weights + cache, rel=0.05)


def test_the_cache_has_the_size_that_is_announced() -> None:
    for backbone in BACKBONES:
        model = build(backbone, cross=True, prepend=True)
        given = model.conditions(conditions(3), 3)
        predictor = Predictor(model.lm, 12, given, given.null(), GenerationOptions())
        with torch.no_grad():
            for steps in (1, 2, 12):
                predictor.said(torch.zeros(3, 4, steps, dtype=torch.long))
        assert predictor.cache is not None
        assert predictor.cache.bytes == model.lm.backbone.cache_bytes(12, 6, given)


def broken(model: Any) -> Any:
    """Its heads overflow, though each of their weights is finite."""
    with torch.no_grad():
        for name, parameter in model.lm.named_parameters():
            if "heads" in name:
                parameter.fill_(3e38)
    return model


DEPTH = {"dim": 32, "dim_heads": 16, "depth": 2}
LOGITS = [
    (build, {"cross": True}),
    (build, {"cross": True, "depth": DEPTH}),
    (lambda **kwargs: built(masked_config(**kwargs)), {"cross": True}),
]


@pytest.mark.parametrize("draw", [{"temperature": 0}, {}, {"top_k": 3}, {"top_p": 0.5}])
@pytest.mark.parametrize(("make", "options"), LOGITS)
def test_no_token_is_drawn_of_what_is_not_finite(make: Any, options: dict[str, Any], draw: dict[str, Any]) -> None:
    """The largest among numbers with NaN is the first NaN, which would be a token like any other."""
    model = make(**options)
    for scale in (1.0, 2.0):
        given = {"condition_tensors": conditions(2), "cfg_scale": scale, "batch_size": 2, **draw}
        assert model.generate_codes(3, **given).shape[-1] == 3
    with pytest.raises(NotFiniteError, match=r"not finite in torch\.float32: use float32 or a lower cfg_scale"):
        broken(model).generate_codes(3, **given)
    with torch.no_grad():
        next(model.lm.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(NotFiniteError, match=r"^The weight "):
        model.generate_codes(3, **given)


def test_no_token_is_coded_by_what_is_not_finite() -> None:
    """The probabilities of entropy coding: a decoder would not find the tokens again."""
    model = broken(build())
    with pytest.raises(NotFiniteError):
        walk(model.lm, codes(1, 4), torch.tensor([4]), lambda _codebook, _logits, known: known)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"frames": 0}, "frames must be at least 1"),
        ({"frames": 4, "prompt_codes": codes(1, 5)}, "The prompt has 5 frames"),
        ({"frames": 4, "prompt_codes": codes(1, 2) + 99}, "from 0 to 15"),
        ({"frames": 4, "prompt_codes": codes(1, 2)[:, :3]}, "shape"),
        ({"frames": 4, "prompt_codes": codes(2, 2), "batch_size": 3}, "prompts of 2 items for a batch_size of 3"),
        ({"frames": 4, "batch_size": 2, "generator": generators(1)}, "1 generators for 2 items"),
        ({"frames": 4, "batch_size": 0}, "batch_size must be at least 1"),
        ({"frames": 9, "window": 4, "overlap": 4}, "overlap must be from 1 to 3"),
    ],
)
def test_wrong_calls(call: dict[str, Any], words: str) -> None:
    with pytest.raises(LanguageModelError, match=words):
        build().generate_codes(**call)


def test_wrong_conditions() -> None:
    model = build(cross=True)
    with pytest.raises(LanguageModelError, match="needs conditions"):
        model.generate_codes(4)
    with pytest.raises(LanguageModelError, match="'text'"):
        model.generate_codes(4, condition_tensors={"front": conditions(1)["front"]})
    with pytest.raises(LanguageModelError, match="conditions of 2 items for 3"):
        model.generate_codes(4, 3, conditions(2))
    other = {"text": conditions(1, tokens=5)["text"]}
    with pytest.raises(LanguageModelError, match="negative conditions"):
        model.generate_codes(4, 1, conditions(1), cfg_scale=2.0, negative_tensors=other)
