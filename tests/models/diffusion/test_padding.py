"""Items of different lengths in one batch: each equals itself alone, whatever stands in its padding."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from models.diffusion.small_models import CROSS, DIT, FULL_DIT, UNET, conditions, random, small

from narrows.models.diffusion.model import DiffusionModel

LENGTHS = (24, 16, 8)
DIT_PATHS: dict[str, dict[str, Any]] = {
    "plain": {},
    "adaptive": {"global_cond_type": "adaLN"},
    "patches": {"patch_size": 2},
    "window": {"sliding_window": [3, 2]},
    "causal": {"causal": True},
    "causal window": {"sliding_window": [3, 2], "causal": True},
    "convolutions": {"ff_kwargs": {"mult": 1, "glu": False, "use_conv": True}},
    "gated convolutions": {"ff_kwargs": {"mult": 1, "use_conv": True}},
    "conformer": {"conformer": True},
    "means": {"attn_kwargs": {"feat_scale": True}},
    "differential": {"attn_kwargs": {"differential": True, "qk_norm": "rms"}},
    "memory": {"num_memory_tokens": 3, "layer_scale": True},
    "positions": {"rotary_pos_emb": False, "use_abs_pos_emb": True, "abs_pos_emb_max_length": 2048},
    "sinusoids": {"rotary_pos_emb": False, "use_sinusoidal_emb": True},
    "own rotations": {"rotary_pos_emb": False, "add_rope": True},
    "tanh": {"norm_type": "dyt"},
}
NAMES = ("cross_attn_cond", "global_cond", "prepend_cond", "local_add_cond", "modular_local_cond")


def assert_items_are_alone(model: DiffusionModel, inputs: dict[str, Any], **options: Any) -> None:
    """Every item of a padded batch equals itself alone, and padding comes out as zeros."""
    x, t = random(3, 4, LENGTHS[0], seed=8), torch.tensor([0.2, 0.5, 0.9])
    mask = torch.arange(LENGTHS[0]) < torch.tensor(LENGTHS)[:, None]
    for filling in (0.0, 1e3):
        padded = torch.where(mask[:, None], x, filling)
        out = model.predict(padded, t, inputs, padding_mask=mask, **options)
        assert torch.equal(out[~mask[:, None].expand_as(out)], torch.zeros(4 * sum(24 - n for n in LENGTHS)))
        for index, length in enumerate(LENGTHS):
            row = slice(index, index + 1)
            own = {name: cut(value, row, length) for name, value in inputs.items()}
            alone = model.predict(x[row, :, :length], t[row], own, **options)
            torch.testing.assert_close(out[row, :, :length], alone, atol=1e-5, rtol=1e-4)


def cut(value: Any, row: slice, length: int) -> Any:
    """The part of an input that belongs to an item; inputs of all frames are cut to its length."""
    if isinstance(value, dict):
        return {key: cut(tensor, row, length) for key, tensor in value.items()}
    return value[row, :, :length] if value.shape[-1] == LENGTHS[0] else value[row]


@torch.inference_mode()
@pytest.mark.parametrize("path", DIT_PATHS)
@pytest.mark.parametrize("cfg_scale", [1.0, 3.0])
def test_an_item_of_a_transformer_equals_itself_alone(path: str, cfg_scale: float) -> None:
    options = {**FULL_DIT, **DIT_PATHS[path]}
    patched = "patch_size" in options  # local conditions are given a token
    names = NAMES[:3] if patched else NAMES
    model = small("dit", options, modular_local_cond_configs=[{"id": "chords", "dim": 2}])
    assert_items_are_alone(model, conditions(3, LENGTHS[0], *names), cfg_scale=cfg_scale)


@torch.inference_mode()
def test_joined_input_and_rescaling_leave_items_alone() -> None:
    model = small("dit", {**DIT, "cond_token_dim": 8, "input_concat_dim": 3})
    inputs = conditions(3, LENGTHS[0], "cross_attn_cond", "input_concat_cond")
    for options in ({"scale_phi": 0.6}, {"apg_scale": 1.0}, {"apg_scale": 0.5, "cfg_norm_threshold": 0.1}):
        assert_items_are_alone(model, inputs, cfg_scale=4.0, **options)


@torch.inference_mode()
@pytest.mark.parametrize("batch_cfg", [True, False])
def test_an_item_of_a_unet_equals_itself_alone(batch_cfg: bool) -> None:
    model = small("adp_cfg_1d", {**UNET, **CROSS, "context_features": 5, "context_channels": [3]})
    inputs = conditions(3, LENGTHS[0], "cross_attn_cond", "cross_attn_mask", "global_cond", "input_concat_cond")
    for scale in (1.0, 3.0):
        assert_items_are_alone(model, inputs, cfg_scale=scale, batch_cfg=batch_cfg)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("adp_uncond_1d", UNET),
        ("DAU1d", {"io_channels": 4, "depth": 2, "n_attn_layers": 1, "channels": [32, 32], "strides": [2]}),
        ("dit", {**{key: value for key, value in DIT.items() if key != "io_channels"}, "in_channels": 4}),
    ],
)
def test_items_of_unconditional_models_equal_themselves_alone(kind: str, config: dict[str, Any]) -> None:
    assert_items_are_alone(small(kind, config, "diffusion_uncond"), {})


@torch.inference_mode()
def test_a_length_between_two_multiples_is_filled_up_with_zeros() -> None:
    model = small("adp_uncond_1d", UNET, "diffusion_uncond")
    x, t, mask = random(1, 4, 12), torch.tensor([0.4]), torch.arange(12)[None] < 7
    out = model.predict(x, t, {}, padding_mask=mask)
    filled = torch.cat((x[..., :7], torch.zeros(1, 4, 1)), dim=-1)
    torch.testing.assert_close(out[..., :7], model.predict(filled, t, {})[..., :7], atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_the_reference_mode_depends_on_the_padding() -> None:
    """It zeroes the values of padding, which keeps its share of the softmax: kept by name for parity only."""
    model = small("dit", {**DIT, "cond_token_dim": 8}, padding_attention="zeroed_values")
    x, t, inputs = random(2, 4, 24), torch.tensor([0.3, 0.3]), conditions(2, 24, "cross_attn_cond")
    mask = torch.arange(24) < torch.tensor([[24], [8]])
    out = model.predict(x, t, inputs, padding_mask=mask)
    alone = model.predict(x[1:, :, :8], t[1:], {"cross_attn_cond": inputs["cross_attn_cond"][1:]})
    assert (out[1:, :, :8] - alone).abs().max() > 1e-3
    torch.testing.assert_close(out[:1], model.predict(x[:1], t[:1], {"cross_attn_cond": inputs["cross_attn_cond"][:1]}))


def test_masks_that_do_not_fit_are_named() -> None:
    model = small("adp_uncond_1d", UNET, "diffusion_uncond")
    x, t = random(2, 4, 8), torch.rand(2)
    with pytest.raises(ValueError, match=r"padding_mask must be of shape \(2, 8\), got \(2, 4\)"):
        model.predict(x, t, {}, padding_mask=torch.ones(2, 4))
    with pytest.raises(ValueError, match="true up to an item's length"):
        model.predict(x, t, {}, padding_mask=torch.arange(8).expand(2, 8) > 3)
