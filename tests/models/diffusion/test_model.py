"""Diffusion models around their backbones: routing of conditions, inpainting, files, training."""

from __future__ import annotations

import random as python_random
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from models.diffusion.small_models import CROSS, DIT, FULL_DIT, UNET, conditions, document, random, randomize, small
from safetensors.torch import load_file, save_file
from torch.utils.checkpoint import checkpoint

from narrows.configs import NarrowsError
from narrows.models import create_model_from_config, load_checkpoint, load_model, save_model
from narrows.models.diffusion.inpainting import frames_mask, inpainting_conditions
from narrows.models.diffusion.routing import MissingConditionError, Routing

AUTOENCODER = {
    "encoder": {"type": "oobleck", "config": {"channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 4}},
    "decoder": {"type": "oobleck", "config": {"channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 4}},
    "latent_dim": 4,
    "downsampling_ratio": 4,
    "io_channels": 2,
}
TENSORS: dict[str, Any] = {
    "prompt": (random(2, 3, 8), torch.tensor([[1.0, 1, 0], [1, 1, 1]])),
    "genre": (random(2, 8, seed=1), torch.ones(2)),
    "seconds": (random(2, 1, 8, seed=2), torch.ones(2, 1)),
    "start": (random(2, 1, 8, seed=3), torch.ones(2, 1)),
    "source": (random(2, 5, 12, seed=4), None),
    "chords": (random(2, 6, 12, seed=5), None),
}


def latent_model() -> dict[str, Any]:
    """A model file of a transformer on latents."""
    whole = document("dit", {**DIT, "cond_token_dim": 8})
    whole["model"]["pretransform"] = {"type": "autoencoder", "config": AUTOENCODER, "scale": 0.5}
    return whole


def test_conditions_enter_by_their_place() -> None:
    routing = Routing(
        cross=("prompt", "genre", "seconds"),
        prepend=("start",),
        vector=("seconds", "start"),
        concat=("source", "chords"),
        local=("chords",),
        modular=("chords", "beats"),
    )
    inputs = routing.inputs(TENSORS)
    assert {name: None if isinstance(value, dict) else tuple(value.shape) for name, value in inputs.items()} == {
        "cross_attn_cond": (2, 5, 8),
        "cross_attn_mask": (2, 5),
        "global_cond": (2, 16),
        "input_concat_cond": (2, 11, 12),
        "prepend_cond": (2, 1, 8),
        "prepend_cond_mask": (2, 1),
        "local_add_cond": (2, 6, 12),
        "modular_local_cond": None,
    }
    assert list(inputs["modular_local_cond"]) == ["chords"], "one that nobody brings adds nothing"
    assert inputs["cross_attn_mask"].tolist() == [[1, 1, 0, 1, 1], [1, 1, 1, 1, 1]]
    negative = routing.inputs(TENSORS, negative=True)
    assert torch.equal(negative["negative_global_cond"], inputs["global_cond"])
    assert all(name.startswith("negative_") for name in negative)
    without = routing.inputs(TENSORS, without=["prompt"])
    assert without["cross_attn_cond"][:, :3].eq(0).all()
    assert torch.equal(without["cross_attn_cond"][:, 3:], inputs["cross_attn_cond"][:, 3:])


def test_a_missing_mask_counts_all_tokens_and_a_missing_condition_is_named() -> None:
    routing = Routing(cross=("prompt", "embedded"))
    tensors = {**TENSORS, "embedded": (random(2, 2, 8), None)}
    assert routing.inputs(tensors)["cross_attn_mask"][0].tolist() == [1, 1, 0, 1, 1]
    with pytest.raises(MissingConditionError, match=r"^The condition 'embedded' is missing.*Given: chords") as caught:
        routing.inputs(TENSORS)
    assert isinstance(caught.value, NarrowsError)


def test_a_call_routes_and_predicts() -> None:
    model = small("dit", {**DIT, "cond_token_dim": 8})
    model.routing = Routing(cross=("prompt",))
    x, t = random(2, 4, 12), torch.tensor([0.2, 0.7])
    inputs = model.get_conditioning_inputs(TENSORS)
    got = model(x, t, TENSORS, cfg_scale=3.0)
    assert torch.equal(got, model.predict(x, t, inputs, cfg_scale=3.0))
    assert torch.equal(model(x, t, TENSORS), model.model(x, t, **inputs))
    unconditional = small("adp_uncond_1d", UNET, "diffusion_uncond")
    assert torch.equal(unconditional(x, t), unconditional.predict(x, t, {}))


def test_places_that_a_unet_has_not_are_ignored() -> None:
    model = small("adp_1d", {**UNET, "attentions": [0, 0]})
    x, t = random(2, 4, 12), torch.tensor([0.2, 0.7])
    every = conditions(2, 12, "cross_attn_cond", "cross_attn_mask", "global_cond", "prepend_cond", "input_concat_cond")
    assert torch.equal(model.predict(x, t, every, 3.0, exit_layer_ix=0), model.predict(x, t, {}))


def test_the_time_as_a_token_stands_behind_the_prompt_and_the_negative_one() -> None:
    """The reference joins tokens of two lengths there, which raises."""
    model = small("adp_cfg_1d", {**UNET, **CROSS, "use_xattn_time": True})
    x, t = random(2, 4, 12), torch.tensor([0.2, 0.7])
    inputs = conditions(2, 12, "cross_attn_cond", "cross_attn_mask")
    unwanted = {f"negative_{name}": value.flip(0) for name, value in inputs.items()}
    got = model.predict(x, t, {**inputs, **unwanted}, 3.0, batch_cfg=True)
    assert torch.isfinite(got).all()
    same = {**inputs, "negative_cross_attn_cond": inputs["cross_attn_cond"]}
    torch.testing.assert_close(
        model.predict(x, t, same, 3.0, batch_cfg=True), model.predict(x, t, inputs), atol=2e-5, rtol=1e-4
    )


def test_latents_become_audio_and_back() -> None:
    model = create_model_from_config(latent_model()).eval()
    audio = random(2, 2, 64).clamp(-1, 1)
    latents = model.encode(audio)
    assert latents.shape == (2, 4, 16)
    assert torch.equal(model.decode(latents), model.pretransform.decode(latents))
    assert (model.downsampling_ratio, model.min_length, model.audio_channels) == (4, 4, 2)


@pytest.mark.parametrize("average", [False, True])
def test_wrapped_checkpoints_of_the_reference_load(average: bool, tmp_path: Path) -> None:
    """A Lightning wrapper averages the backbone only; what stands around it is raw."""
    model = create_model_from_config(latent_model())
    randomize(model)
    from narrows.models.checkpoints.names import to_file

    bare = {name: value.contiguous() for name, value in to_file(model.state_dict()).items()}
    wrapped = {f"diffusion.{name}": value for name, value in bare.items()}
    wrapped["losses.weight"] = torch.ones(1)
    if average:
        kept = {name.removeprefix("model."): value for name, value in bare.items() if name.startswith("model.")}
        wrapped |= {f"diffusion_ema.ema_model.{name}": value + 1 for name, value in kept.items()}
        wrapped["diffusion_ema.step"] = torch.ones(1)
    save_file({name: value.clone() for name, value in wrapped.items()}, tmp_path / "w.safetensors")
    other = create_model_from_config(latent_model())
    report = load_checkpoint(other, tmp_path / "w.safetensors")
    assert report.weights == ("ema" if average else "raw")
    for name, value in to_file(other.state_dict()).items():
        assert torch.equal(value, bare[name] + (1 if average and name.startswith("model.") else 0)), name


@pytest.mark.parametrize("kind", ["dit", "adp_cfg_1d", "adp_1d", "DAU1d"])
def test_models_are_saved_and_loaded(kind: str, tmp_path: Path) -> None:
    given = {
        "dit": lambda: document("dit", FULL_DIT, guided_conditions=["cross", "global"]),
        "adp_cfg_1d": lambda: document("adp_cfg_1d", {**UNET, **CROSS}, mask_conditions=True),
        "adp_1d": lambda: document("adp_1d", {**UNET, "attentions": [0, 0]}),
        "DAU1d": lambda: document(
            "DAU1d",
            {"io_channels": 4, "depth": 2, "n_attn_layers": 0, "channels": [8, 8], "strides": [2]},
            "diffusion_uncond",
        ),
    }[kind]()
    model = create_model_from_config(given).eval()
    randomize(model)
    again = load_model(save_model(model, tmp_path / "model"))
    assert again.config == model.config
    saved = load_file(tmp_path / "model" / "model.safetensors")
    assert set(saved) == set(again.state_dict())
    assert again.guided_conditions == model.guided_conditions
    assert all(torch.equal(saved[name], value) for name, value in again.state_dict().items())


def test_activations_are_recomputed_only_where_the_experiment_says() -> None:
    model = small("dit", {**DIT, "cond_token_dim": 8}).train()
    calls = []
    for layer in model.model.stages():
        layer.ff.register_forward_pre_hook(lambda *_given: calls.append(1))  # type: ignore[operator, union-attr]
    x, t, inputs = random(2, 4, 12), torch.tensor([0.2, 0.7]), conditions(2, 12, "cross_attn_cond")
    plain = torch.autograd.grad(model.predict(x, t, inputs).square().sum(), list(model.parameters()), allow_unused=True)
    assert len(calls) == 2
    for stage in model.model.stages():  # as narrows.training.activation_checkpointing does
        stage.forward = partial(checkpoint, stage.forward, use_reentrant=False)  # type: ignore[method-assign]
    again = torch.autograd.grad(model.predict(x, t, inputs).square().sum(), list(model.parameters()), allow_unused=True)
    assert len(calls) == 6, "two forward, and two more in the backward pass"
    assert all(a is b is None or torch.allclose(a, b) for a, b in zip(plain, again, strict=True))


def test_inpainting_keeps_what_the_mask_keeps() -> None:
    latents, mask = random(2, 4, 6), torch.tensor([1.0, 1, 0, 0, 1, 1])
    for given in (mask, mask.expand(2, -1), mask.expand(2, 1, -1), mask.expand(1, 1, -1)):
        found = inpainting_conditions(latents, given)
        assert found["inpaint_mask"][0].shape == (2, 1, 6)
        assert torch.equal(found["inpaint_masked_input"][0], latents * mask)
    ids = ["inpaint_mask", "inpaint_masked_input"]
    model = small("dit", {**DIT, "input_concat_dim": 5}, "diffusion_cond_inpaint", input_concat_ids=ids)
    assert model(latents, torch.tensor([0.1, 0.9]), inpainting_conditions(latents, mask)).shape == latents.shape
    with pytest.raises(ValueError, match="mask must have one channel of 6 frames"):
        inpainting_conditions(latents, torch.ones(5))
    with pytest.raises(ValueError, match="for one item or for all 2, got 3"):
        inpainting_conditions(latents, torch.ones(3, 6))
    assert frames_mask(torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0]), 4).tolist() == [[[1, 1, 0, 0]]]


def test_no_global_state_is_touched() -> None:
    state, python_state = torch.get_rng_state(), python_random.getstate()
    model = small("dit", {**DIT, "cond_token_dim": 8})
    torch.set_rng_state(state)
    model.predict(random(1, 4, 8), torch.tensor([0.5]), conditions(1, 8, "cross_attn_cond"), 3.0)
    assert torch.equal(state, torch.get_rng_state())
    assert python_state == python_random.getstate()


def test_an_item_of_a_sampling_depends_on_its_own_seed() -> None:
    pytest.importorskip("narrows.models.diffusion.noise")
    for objective in ("v", "rectified_flow", "rf_denoiser"):
        model = small("dit", {**DIT, "cond_token_dim": 8}, diffusion_objective=objective, cross_attention_cond_ids=[])
        model.routing = Routing(cross=("prompt",))
        options: dict[str, Any] = {"frames": 12, "steps": 3, "cfg_scale": 2.0}
        both = model.sample(TENSORS, seed=[5, 9], **options)
        alone = model.sample({"prompt": tuple(x[1:] for x in TENSORS["prompt"])}, seed=9, **options)
        torch.testing.assert_close(both[1:], alone, atol=1e-5, rtol=1e-4)
        counted = model.sample(TENSORS, seed=5, **options)
        assert torch.equal(counted[0], both[0])
        assert not torch.allclose(counted[1], both[1])
    with pytest.raises(ValueError, match="There are 3 seeds for 2 items"):
        model.sample(TENSORS, seed=[1, 2, 3], **options)
    with pytest.raises(ValueError, match="frames must be a positive multiple of 1, got 0"):
        model.sample(TENSORS)


def test_shifts_of_the_document_reach_the_sampler() -> None:
    pytest.importorskip("narrows.models.diffusion.shifts")
    from narrows.models.diffusion.sampling import Shifts

    full, ladder = {"type": "full", "max_length": 512}, {"type": "logsnr", "rate": 0.0}
    assert Shifts(full).arguments({"steps": 3, "schedule": None}).keys() == {"steps", "shift"}
    newer = Shifts(full, ladder)
    assert newer.arguments({"steps": 3})["schedule"] == "linear"
    assert type(newer.arguments({})["shift"]).__name__ == "LogSNRShift"
    assert type(newer.arguments({"schedule": "karras"})["shift"]).__name__ == "FullShift"
    assert newer.arguments({}, own_levels=True).keys() == {"shift"}, "there are no equal steps to act on"
