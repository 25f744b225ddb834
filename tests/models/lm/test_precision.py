"""Shorter weights for generation."""

from __future__ import annotations

import pytest
import torch
from support.tiny_lm import BACKBONES, build, codes, conditions
from torch import nn

from narrows.models.blocks.int8 import Int8Linear, quantize_linears
from narrows.models.codec import model_hash
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.precision import prepare_generation


@pytest.mark.parametrize("bias", [False, True])
def test_an_8_bit_layer_is_off_by_half_a_step(bias: bool) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(64, 48, bias=bias)
    with torch.no_grad():
        layer.weight[3] = 0
    short = Int8Linear(layer)
    widened = short.weight.float() * short.scale.float()[:, None]
    # A scale that bfloat16 rounds down cuts off the largest weight by less than 2^-8 of it.
    step = layer.weight.abs().amax(1, keepdim=True) / 127
    assert bool(((widened - layer.weight).abs() <= 1.01 * step).all())
    x = torch.randn(2, 5, 64)
    with torch.no_grad():
        wide = nn.functional.linear(x.bfloat16().float(), widened, layer.bias)
        torch.testing.assert_close(short(x), wide, rtol=2e-2, atol=2e-2)
    assert short(x.double()).dtype == torch.float64
    assert short(x).shape == (2, 5, 48)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_it_generates_with_its_cache_what_it_predicts(backbone: str, precision: str) -> None:
    """Shorter weights stay near the logits of full ones, items stay apart, and the hash stays."""
    full, model = build(backbone, cross=True), build(backbone, cross=True)
    before = model_hash(full)
    prepare_generation(model, precision)
    assert model_hash(model) == before
    if precision == "int8":
        assert sum(isinstance(module, Int8Linear) for module in model.modules()) > 4
    given, seen = codes(2, 12), conditions(2)
    with torch.no_grad():
        one = full.compute_logits(given, seen).logits.nan_to_num()
        other = model.compute_logits(given, seen).logits.nan_to_num().float()
    assert float((one - other).norm() / one.norm()) < 0.1
    assert not torch.equal(one, other)
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    made = model.generate_codes(20, condition_tensors=seen, cfg_scale=2, generator=generators)
    assert made.shape == (2, 4, 20)
    assert model.decode(made).dtype == torch.float32


def test_8_bit_layers_are_stepped_through() -> None:
    """Not slower than the full ones: the blocks are taken apart all the same."""
    model = build()
    assert quantize_linears(model.lm.backbone) > 0
    cache = model.lm.backbone.new_cache(4, model.conditions(None, 1))
    assert cache.steps is not None


def test_rows_that_the_kernel_cannot_read_are_left_alone() -> None:
    layers = nn.Sequential(nn.Linear(12, 32), nn.Linear(32, 7))
    assert quantize_linears(layers) == 1
    assert layers(torch.randn(3, 12)).shape == (3, 7)
    with pytest.raises(ValueError, match="multiple of 32"):
        Int8Linear(nn.Linear(12, 32))


def test_other_precisions_are_refused() -> None:
    with pytest.raises(LanguageModelError, match="int4"):
        prepare_generation(build(), "int4")  # type: ignore[arg-type]
