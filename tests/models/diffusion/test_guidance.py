"""Guidance: equivalences that hold exactly, items that do not change one another, and what is not computed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from models.diffusion.small_models import CROSS, DIT, FULL_DIT, UNET, conditions, random, randomize, small
from torch import Tensor

from narrows.models.diffusion.guidance import (
    AdaptiveProjected,
    AutoGuidance,
    ClassifierFree,
    SeparateScales,
    ZeroStar,
)
from narrows.models.diffusion.guidance.classifier_free import combined
from narrows.models.diffusion.model import DiffusionModel

TIMES = torch.tensor([0.15, 0.5, 0.9])
TEXT = ("cross_attn_cond", "cross_attn_mask")


def x(batch: int = 3) -> Tensor:
    return random(batch, 4, 8, seed=11)


def transformer(**diffusion: Any) -> DiffusionModel:
    return small("dit", FULL_DIT, **{"apg_scale": 0.0, **diffusion})


def unet(**diffusion: Any) -> DiffusionModel:
    return small("adp_cfg_1d", {**UNET, **CROSS, "context_features": 5}, **diffusion)


MODELS = {"dit": transformer, "adp_cfg_1d": unet}
INPUTS = {
    "dit": conditions(3, 8, *TEXT, "global_cond", "prepend_cond"),
    "adp_cfg_1d": conditions(3, 8, *TEXT, "global_cond"),
}


def close(got: Tensor, want: Tensor) -> None:
    torch.testing.assert_close(got, want, atol=2e-5, rtol=1e-4)


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.inference_mode():
        yield


@pytest.mark.parametrize("kind", MODELS)
def test_a_scale_of_one_is_no_guidance_and_costs_none(kind: str) -> None:
    model, inputs = MODELS[kind](), INPUTS[kind]
    plain = model.model(x(), TIMES, **inputs)
    for options in ({}, {"cfg_scale": 1.0}, {"guidance": ClassifierFree(1.0)}, {"guidance": AdaptiveProjected(1.0)}):
        assert torch.equal(model.predict(x(), TIMES, inputs, **options), plain)


@pytest.mark.parametrize("kind", MODELS)
def test_a_negative_condition_equal_to_the_positive_one_is_no_guidance(kind: str) -> None:
    model = MODELS[kind]()
    inputs = {name: INPUTS[kind][name] for name in INPUTS[kind] if name not in ("prepend_cond", "cross_attn_mask")}
    same = {**inputs, "negative_cross_attn_cond": inputs["cross_attn_cond"]}
    for scale in (0.0, 3.0, 9.0):
        close(model.predict(x(), TIMES, same, scale, batch_cfg=True), model.predict(x(), TIMES, inputs))


@pytest.mark.parametrize("kind", MODELS)
def test_one_call_and_two_agree(kind: str) -> None:
    model, inputs = MODELS[kind](), INPUTS[kind]
    one, two = (model.predict(x(), TIMES, inputs, 4.0, batch_cfg=batched) for batched in (True, False))
    close(one, two)
    assert (one - model.predict(x(), TIMES, inputs)).abs().max() > 1e-2


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    "options",
    [
        {"cfg_scale": 3.0},
        {"cfg_scale": 3.0, "scale_phi": 0.5, "rescale_cfg": True},
        {"cfg_scale": 3.0, "apg_scale": 1.0},
        {"cfg_scale": 3.0, "cfg_interval": (0.3, 0.8)},
        {"guidance": lambda: ZeroStar(3.0, zero_above=0.95)},
        {"guidance": lambda: AdaptiveProjected(3.0, 0.7, norm_threshold=0.2, momentum=-0.5)},
    ],
)
def test_an_item_does_not_depend_on_its_batch(kind: str, options: dict[str, Any]) -> None:
    model, inputs = MODELS[kind](), INPUTS[kind]

    def predict(x: Tensor, t: Tensor, inputs: dict[str, Tensor]) -> Tensor:
        given = {name: value() if callable(value) else value for name, value in options.items()}
        out: Tensor = model.predict(x, t, inputs, **given)
        return out

    together = predict(x(), TIMES, inputs)
    for index in range(3):
        row = slice(index, index + 1)
        close(together[row], predict(x()[row], TIMES[row], {name: value[row] for name, value in inputs.items()}))


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_each_item_is_guided_by_its_own_noise_level(objective: str) -> None:
    model, inputs = transformer(diffusion_objective=objective), INPUTS["dit"]
    level = torch.sin(TIMES * torch.pi / 2) if objective == "v" else TIMES
    plain, everywhere = model.predict(x(), TIMES, inputs), model.predict(x(), TIMES, inputs, 3.0)
    got, info = model.predict(x(), TIMES, inputs, 3.0, cfg_interval=(0.3, 0.85), return_info=True)
    inside = (level >= 0.3) & (level <= 0.85)
    assert inside.tolist() == [False, True, False]
    close(got, torch.where(inside[:, None, None], everywhere, plain))
    assert len(info["hidden_states"][0]) == 4, "three items, and one more for the one that is guided"
    assert info["uncond_output"].shape == got.shape


def test_the_unconditional_half_attends_to_nothing_which_is_what_zeros_give() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    rows = []
    for layer in model.model.model.transformer.layers:  # type: ignore[union-attr]
        layer.cross_attn.register_forward_hook(lambda _m, given, _out: rows.append(len(given[0])))  # type: ignore[union-attr, operator]
    skipped = model.predict(x(), TIMES, inputs, 3.0)
    assert rows == [3, 3]
    zeros = {**inputs, "negative_cross_attn_cond": torch.zeros_like(inputs["cross_attn_cond"])}
    close(skipped, model.predict(x(), TIMES, zeros, 3.0))
    assert rows[2:] == [6, 6]


def test_projection_of_nothing_is_classifier_free_guidance() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    want = model.predict(x(), TIMES, inputs, 5.0, scale_phi=0.3)
    close(model.predict(x(), TIMES, inputs, guidance=AdaptiveProjected(5.0, orthogonal=0.0, rescale=0.3)), want)


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
def test_projection_is_that_of_estimates_of_the_signal(objective: str) -> None:
    """As in the paper: guided estimates, turned back into predictions."""
    model, inputs = transformer(diffusion_objective=objective), INPUTS["dit"]
    conditional = model.predict(x(), TIMES, inputs)
    _, info = model.predict(x(), TIMES, inputs, 2.0, apg_scale=0.0, return_info=True)
    angle = TIMES[:, None, None] * torch.pi / 2
    kept, noise = (torch.cos(angle), torch.sin(angle)) if objective == "v" else (1.0, TIMES[:, None, None])
    clean, without = (x() * kept - noise * prediction for prediction in (conditional, info["uncond_output"]))
    difference = clean - without
    difference = difference * (1.5 / difference.norm(dim=(1, 2), keepdim=True)).clamp(max=1)
    direction = clean / clean.norm(dim=(1, 2), keepdim=True)
    difference = difference - (difference * direction).sum((1, 2), keepdim=True) * direction
    want = (x() * kept - (clean + 6.0 * difference)) / noise
    got = model.predict(x(), TIMES, inputs, 7.0, apg_scale=1.0, cfg_norm_threshold=1.5)
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-3)


def test_momentum_remembers_earlier_steps_until_it_is_reset() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    guidance = AdaptiveProjected(5.0, momentum=-0.75)
    first = model.predict(x(), TIMES, inputs, guidance=guidance)
    assert (model.predict(x(), TIMES, inputs, guidance=guidance) - first).abs().max() > 1e-3
    guidance.reset()
    assert torch.equal(model.predict(x(), TIMES, inputs, guidance=guidance), first)


def test_guiding_away_from_the_model_itself_changes_nothing() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    close(model.predict(x(), TIMES, inputs, guidance=AutoGuidance(model.model, 3.0)), model.predict(x(), TIMES, inputs))
    weaker = small("dit", {**FULL_DIT, "depth": 1}).model
    got = model.predict(x(), TIMES, inputs, guidance=AutoGuidance(weaker, 3.0))
    close(got, combined(model.model(x(), TIMES, **inputs), weaker(x(), TIMES, **inputs), 3.0))
    flow = small("dit", FULL_DIT, diffusion_objective="rectified_flow").model
    with pytest.raises(ValueError, match="The weaker model predicts rectified_flow, the model v"):
        model.predict(x(), TIMES, inputs, guidance=AutoGuidance(flow, 3.0))


def test_zero_star_scales_the_unconditional_prediction_to_fit() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    conditional = model.predict(x(), TIMES, inputs)
    _, info = model.predict(x(), TIMES, inputs, 2.0, return_info=True)
    other = info["uncond_output"]
    share = (conditional * other).sum((1, 2), keepdim=True) / other.square().sum((1, 2), keepdim=True)
    want = combined(conditional, share * other, 3.0)
    want[2] = 0
    close(model.predict(x(), TIMES, inputs, guidance=ZeroStar(3.0, zero_above=0.95)), want)


def test_separate_scales_that_are_equal_are_classifier_free_guidance() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    partial = {name: value for name, value in inputs.items() if name != "prepend_cond"}
    partial["prepend_cond"] = torch.zeros_like(inputs["prepend_cond"])
    want = model.predict(x(), TIMES, inputs, 3.0)
    close(model.predict(x(), TIMES, inputs, guidance=SeparateScales([partial], [3.0, 3.0])), want)
    ladder = [model.model(x(), TIMES, **given) for given in (partial, inputs)]
    _, info = model.predict(x(), TIMES, inputs, 2.0, return_info=True)
    nothing = info["uncond_output"]
    got = model.predict(x(), TIMES, inputs, guidance=SeparateScales([partial], [2.0, 5.0]))
    close(got, nothing + 2.0 * (ladder[0] - nothing) + 5.0 * (ladder[1] - ladder[0]))
    with pytest.raises(ValueError, match="1 partial inputs need 2 scales, got 1"):
        SeparateScales([partial], [2.0])


def test_rescaling_brings_the_spread_back() -> None:
    conditional, unconditional = random(2, 4, 8), random(2, 4, 8, seed=1)
    assert torch.equal(combined(conditional, unconditional, 0.0), unconditional)
    rescaled = combined(conditional, unconditional, 5.0, rescale=1.0)
    torch.testing.assert_close(rescaled.std(dim=1), conditional.std(dim=1))
    assert torch.isfinite(combined(torch.zeros(1, 4, 2), torch.zeros(1, 4, 2), 3.0, rescale=0.5)).all()


PLACES = {"global": "global_cond", "local": "local_add_cond", "prepend": "prepend_cond", "cross": "cross_attn_cond"}


@pytest.mark.parametrize("place", PLACES)
def test_negative_conditions_are_heard_where_the_document_says(place: str) -> None:
    name = PLACES[place]
    inputs = conditions(3, 8, "cross_attn_cond", "global_cond", "prepend_cond", "local_add_cond")
    unwanted = {f"negative_{name}": random(*inputs[name].shape, seed=20)}
    hearing = transformer(guided_conditions=["cross", "prepend", "global", "local"])
    plain, negative = (hearing.predict(x(), TIMES, {**inputs, **more}, 3.0) for more in ({}, unwanted))
    assert (plain - negative).abs().max() > 1e-3
    instead = {key: torch.zeros_like(value) for key, value in inputs.items()} | {name: unwanted[f"negative_{name}"]}
    close(negative, combined(hearing.model(x(), TIMES, **inputs), hearing.model(x(), TIMES, **instead), 3.0))


def test_what_the_reference_does_not_hear_is_not_heard() -> None:
    model, inputs = transformer(), conditions(3, 8, "cross_attn_cond", "global_cond", "prepend_cond")
    want = model.predict(x(), TIMES, inputs, 3.0)
    deaf = {"negative_global_cond": random(3, 5), "negative_prepend_cond_mask": torch.ones(3, 2)}
    assert torch.equal(model.predict(x(), TIMES, {**inputs, **deaf}, 3.0, rescale_cfg=True), want)
    masked = {**inputs, "cross_attn_mask": torch.zeros(3, 5), "prepend_cond_mask": torch.zeros(3, 2)}
    assert torch.equal(model.predict(x(), TIMES, masked, 3.0), want)
    alone = conditions(3, 8, "global_cond")
    assert torch.equal(model.predict(x(), TIMES, alone, 3.0), model.predict(x(), TIMES, alone))
    two_calls = {**INPUTS["adp_cfg_1d"], "negative_cross_attn_cond": random(3, 5, 8, seed=9)}
    unhearing = unet()
    assert torch.equal(
        unhearing.predict(x(), TIMES, two_calls, 3.0), unhearing.predict(x(), TIMES, INPUTS["adp_cfg_1d"], 3.0)
    )
    close(
        unhearing.predict(x(), TIMES, INPUTS["adp_cfg_1d"], 3.0, scale_phi=0.9),
        unhearing.predict(x(), TIMES, INPUTS["adp_cfg_1d"], 3.0),
    )


def test_global_conditions_alone_guide_where_the_document_says() -> None:
    for model, inputs in (
        (transformer(guided_conditions=["global"]), conditions(3, 8, "global_cond")),
        (small("adp_1d", {**UNET, "attentions": [0, 0], "context_features": 5}, guided_conditions=["global"]), None),
    ):
        given = inputs or conditions(3, 8, "global_cond")
        nothing = model.model(x(), TIMES, global_cond=torch.zeros(3, 5))
        close(model.predict(x(), TIMES, given, 3.0), combined(model.model(x(), TIMES, **given), nothing, 3.0))


def test_a_negative_prompt_may_be_longer() -> None:
    model = transformer()
    inputs = {"cross_attn_cond": random(3, 3, 8), "negative_cross_attn_cond": random(3, 5, 8, seed=1)}
    negative = model.model(x(), TIMES, cross_attn_cond=inputs["negative_cross_attn_cond"])
    positive = model.model(x(), TIMES, cross_attn_cond=inputs["cross_attn_cond"])
    close(model.predict(x(), TIMES, inputs, 3.0), combined(positive, negative, 3.0))


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("cfg_scale", [1.0, 3.0])
def test_padding_of_a_prompt_has_no_effect_where_the_document_says(kind: str, cfg_scale: float) -> None:
    model, inputs = MODELS[kind](mask_conditions=True), INPUTS[kind]
    kept = inputs["cross_attn_mask"][:, :, None]
    other = {**inputs, "cross_attn_cond": torch.where(kept, inputs["cross_attn_cond"], 50.0)}
    options = {"cfg_scale": cfg_scale, "batch_cfg": True}
    close(model.predict(x(), TIMES, inputs, **options), model.predict(x(), TIMES, other, **options))
    shorter = {name: value[:1, :3] if name.startswith("cross") else value[:1] for name, value in inputs.items()}
    if kind == "dit" or cfg_scale == 1:  # the tokens that adp_cfg_1d has for no condition are as many as of the given
        close(model.predict(x(), TIMES, inputs, **options)[:1], model.predict(x(1), TIMES[:1], shorter, **options))
    reference = MODELS[kind]()
    assert (reference.predict(x(), TIMES, inputs) - model.predict(x(), TIMES, inputs)).abs().max() > 1e-3


@pytest.mark.parametrize("kind", MODELS)
def test_dropout_takes_whole_conditions_by_a_generator_of_its_own(kind: str) -> None:
    model, inputs = MODELS[kind](), INPUTS[kind]
    state = torch.get_rng_state()
    options = {"cfg_dropout_prob": 0.5}
    first, again = (
        model.predict(x(), TIMES, inputs, **options, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert torch.equal(first, again)
    assert torch.equal(state, torch.get_rng_state())
    everything = model.predict(x(), TIMES, inputs, cfg_dropout_prob=1.0)
    _, info = model.predict(x(), TIMES, inputs, 2.0, return_info=True)
    close(everything, info["uncond_output"])


def test_early_exit_is_not_guided() -> None:
    model, inputs = transformer(), INPUTS["dit"]
    features = model.predict(x(), TIMES, inputs, 3.0, exit_layer_ix=0)
    assert features.shape == (3, 8 + 2 + 1, 32)
    assert torch.equal(features, model.predict(x(), TIMES, inputs, exit_layer_ix=0))


def test_times_are_told_apart_in_half_precision() -> None:
    """0.999 is 1 in bfloat16, which would change the log signal-to-noise ratio from -6.9 to the end of its range."""
    model = small("dit", {**DIT, "timestep_features_logsnr": True, "timestep_features_type": "expo"})
    randomize(model)
    half = small("dit", {**DIT, "timestep_features_logsnr": True, "timestep_features_type": "expo"})
    half.load_state_dict(model.state_dict())
    half.to(torch.bfloat16)
    seen: list[Tensor] = []
    for network in (model, half):
        features = network.model.model.timestep_features  # type: ignore[union-attr]
        features.register_forward_hook(lambda _m, given, _out: seen.append(given[0]))  # type: ignore[union-attr, operator]
    times = torch.tensor([0.999, 0.9995, 1.0])
    got, want = half.predict(x().bfloat16(), times, {}).float(), model.predict(x(), times, {})
    assert torch.equal(seen[0], seen[1])
    assert seen[0].unique().numel() == 3
    assert (got - want).norm() < 0.05 * want.norm()


def test_stable_audio_3_means_projected_guidance() -> None:
    assert small("dit", FULL_DIT).apg_scale == 1.0, "it has a local_add_cond_dim"
    assert small("dit", {**DIT, "cond_token_dim": 8}).apg_scale == 0.0
    assert transformer(apg_scale=0.25).apg_scale == 0.25


def test_unknown_inputs_and_causal_transformers_are_refused() -> None:
    model = transformer()
    with pytest.raises(ValueError, match="unknown entry 'cross_attn'"):
        model.predict(x(), TIMES, {"cross_attn": random(3, 2, 8)})
    with pytest.raises(ValueError, match="causal by its configuration"):
        model.predict(x(), TIMES, {}, causal=True)
    with pytest.raises(ValueError, match="cross_attn_cond has 7 tokens, but context_embedding_max_length is 6"):
        unet().predict(x(), TIMES, {"cross_attn_cond": random(3, 7, 8), "global_cond": random(3, 5)})
    with pytest.raises(ValueError, match="cross_attn_cond must be given"):
        unet().predict(x(), TIMES, {"global_cond": random(3, 5)})
