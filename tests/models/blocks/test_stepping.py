"""A token through blocks taken apart is a token through the blocks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_models import shaken

from narrows.models.blocks.transformer import stepping
from narrows.models.blocks.transformer.continuous import ContinuousTransformer

FITS: dict[str, dict[str, Any]] = {
    "default": {},
    "no rotary": {"rotary_pos_emb": False, "use_sinusoidal_emb": True},
    "no gate": {"ff_kwargs": {"glu": False, "no_bias": True}},
    "biases": {"norm_kwargs": {"bias": True}, "ff_kwargs": {"mult": 2, "sinusoidal": True}},
    "memory": {"num_memory_tokens": 2},
}
OTHER: dict[str, dict[str, Any]] = {
    "differential": {"attn_kwargs": {"differential": True}},
    "normed": {"attn_kwargs": {"qk_norm": "l2"}},
    "scaled": {"layer_scale": True},
    "tanh": {"norm_type": "dyt"},
    "wide": {"norm_kwargs": {"force_fp32": True}},
    "added rope": {"add_rope": True},
}


def transformer(cross: bool = False, **options: Any) -> ContinuousTransformer:
    torch.manual_seed(0)
    options = {"ff_kwargs": {"mult": 2}, **options}
    model = ContinuousTransformer(
        64, 3, dim_in=8, dim_out=8, dim_heads=32, causal=True, dim_context=64 if cross else None, **options
    )
    shaken(model)
    for layer in model.layers:
        if layer.cross_attn is not None:
            layer.cross_attn.causal = False
    return model.double().eval()  # so that rounding stays small whatever the weights


@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("name", FITS)
def test_steps_are_those_of_the_blocks(name: str, cross: bool) -> None:
    model = transformer(cross, **FITS[name])
    x = torch.randn(3, 9, 8).double()
    context = torch.randn(3, 4, 64).double() if cross else None
    valid = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]]).bool() if cross else None
    given = {"context": context, "context_valid": valid}
    with torch.inference_mode():
        whole = model(x, **given)[0]
        cache = stepping.KeyValueCache(3, 9 + model.num_memory_tokens)
        cache.steps = stepping.steps_of(model.layers)
        assert cache.steps is not None
        parts = [model(x[:, :2], **given, cache=cache)[0]]
        called = len(parts)
        for step in range(2, 9):
            called += cache.takes_a_step(x[:, step : step + 1])
            parts.append(model(x[:, step : step + 1], **given, cache=cache)[0])
        assert called == 8
        torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-5, atol=1e-5)
        with pytest.raises(ValueError, match="room for"):
            model(x[:, :1], **given, cache=cache)


@pytest.mark.parametrize("name", OTHER)
def test_blocks_with_other_options_work_as_they_are(name: str) -> None:
    assert stepping.steps_of(transformer(**OTHER[name]).layers) is None


def test_gradients_go_through_the_blocks() -> None:
    model = transformer()
    cache = stepping.KeyValueCache(3, 5)
    cache.steps = stepping.steps_of(model.layers)
    x = torch.randn(1, 5, 8).double()
    model(x[:, :4], cache=cache)
    assert not cache.takes_a_step(x[:, 4:])
    with torch.no_grad():
        assert cache.takes_a_step(x[:, 4:])
