"""Options by which all codes of `dac_rvq` and its kin come to be used."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from narrows.models.blocks.quantizers.averages import CodeAverages
from narrows.models.blocks.quantizers.gradients import rotate
from narrows.models.blocks.quantizers.health import codebook_health
from narrows.models.blocks.quantizers.revival import Revival
from narrows.models.bottlenecks.dac_rvq import DACRVQBottleneck
from narrows.models.bottlenecks.simvq import SimVQBottleneck
from narrows.models.bottlenecks.snac_rvq import SnacRVQBottleneck
from narrows.models.checkpoints.codebooks import adapt_codebooks

SIZE = 64


def built(**options: Any) -> DACRVQBottleneck:
    torch.manual_seed(0)
    return DACRVQBottleneck(n_codebooks=2, codebook_size=SIZE, input_dim=8, codebook_dim=4, **options)


def trained(bottleneck: DACRVQBottleneck, steps: int, first: int = 0) -> DACRVQBottleneck:
    """By its own losses and the error of its latents, on Gaussian latents far from where codes start."""
    optimizer = torch.optim.Adam(bottleneck.parameters(), lr=3e-3)
    for step in range(first, first + steps):
        x = batch(step)
        latents, info = bottleneck.train().encode(x, return_info=True)
        loss = (latents - x).square().mean() + info["vq/codebook_loss"] + 0.25 * info["vq/commitment_loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return bottleneck.eval()


def batch(seed: int) -> Tensor:
    return 0.1 * torch.randn(4, 8, 64, generator=torch.Generator().manual_seed(seed)) + 1


def shares(bottleneck: DACRVQBottleneck) -> tuple[float, float]:
    """Of codes used, and of the perplexity in the codebook's size, in the worst codebook."""
    tokens = torch.cat([bottleneck.tokens(bottleneck.encode(batch(s), return_info=True)[1]) for s in range(99, 115)])
    health = codebook_health(tokens, SIZE)
    return float(health.usage.min()), float(health.perplexity.min()) / SIZE


def test_replaced_codes_are_used_where_the_gradient_alone_leaves_them() -> None:
    plain = shares(trained(built(), 120))
    used, perplexity = shares(trained(built(revive_below=0.2), 120))
    assert plain[0] < 0.1
    assert used >= 0.9
    assert perplexity > 0.5


def test_the_linear_layer_moves_codes_that_nothing_chooses() -> None:
    bottleneck = built(linear_codebook=True)
    stage: Any = bottleneck.quantizer.quantizers[0]
    before, frozen = stage.codes.clone(), stage.codebook.weight.clone()
    trained(bottleneck, 1)
    assert stage.codebook.weight.equal(frozen)
    assert bool((stage.codes != before).any(-1).all())
    assert "codebook.weight" not in dict(stage.named_parameters())


def test_gradients_are_rotated() -> None:
    bottleneck = built(rotation_trick=True).train()
    stage: Any = bottleneck.quantizer.quantizers[0]
    x = batch(0)
    projected = stage.in_proj(x).detach().requires_grad_()
    codes = stage._nearest(projected, stage.codes)
    quantized = torch.nn.functional.embedding(codes, stage.codes)
    (wanted,) = torch.autograd.grad(rotate(projected.transpose(1, 2), quantized).square().sum(), projected)
    (found,) = torch.autograd.grad(stage._passed(projected, quantized.transpose(1, 2)).square().sum(), projected)
    torch.testing.assert_close(found, wanted)
    assert not torch.allclose(found, 2 * quantized.transpose(1, 2))


def test_codes_are_averages_of_what_chooses_them_and_nearer_than_those_of_the_gradient() -> None:
    bottleneck = built(revive_below=0.2, average_decay=0.9)
    stage: Any = bottleneck.quantizer.quantizers[0]
    assert "codebook.weight" not in dict(stage.named_parameters())
    used, perplexity = shares(trained(bottleneck, 120))
    assert used >= 0.9
    assert perplexity > 0.5
    gradient = trained(built(revive_below=0.2), 120)
    errors = [float((each.encode(batch(99)) - batch(99)).square().mean().detach()) for each in (bottleneck, gradient)]
    assert errors[0] < errors[1]


def test_averages_of_frames() -> None:
    averages, codes = CodeAverages(3, 1, decay=0.5), torch.tensor([[0.0], [10.0], [20.0]])
    averages.update(codes, torch.tensor([[2.0], [4.0], [10.0]]), torch.tensor([0, 0, 1]))
    # The first counts once as it is and twice by the rows, half of each: (0.5 * 0 + 0.5 * 6) / (0.5 * 1 + 0.5 * 2).
    torch.testing.assert_close(codes, torch.tensor([[2.0], [10.0], [20.0]]))
    codes[2] = 30.0
    averages.restart(torch.tensor([2]))
    averages.update(codes, torch.empty(0, 1), torch.empty(0, dtype=torch.int64))
    torch.testing.assert_close(codes, torch.tensor([[2.0], [10.0], [30.0]]))


def test_codes_that_nothing_chooses_for_long_stay() -> None:
    averages, codes = CodeAverages(2, 1, decay=0.5), torch.tensor([[1.0], [7.0]])
    for _ in range(400):
        averages.update(codes, torch.ones(4, 1), torch.zeros(4, dtype=torch.int64))
    torch.testing.assert_close(codes, torch.tensor([[1.0], [7.0]]))


def test_averages_stay_float32_in_16_bit() -> None:
    averages = CodeAverages(2, 1, decay=0.9).bfloat16()
    codes = torch.tensor([[1.0], [7.0]], dtype=torch.bfloat16)
    averages.update(codes, torch.tensor([[3.0]], dtype=torch.bfloat16), torch.tensor([0]))
    assert averages.sums.dtype == averages.counts.dtype == torch.float32
    assert codes.dtype == torch.bfloat16


@pytest.mark.parametrize(
    "options",
    [{"revive_below": 0.2}, {"linear_codebook": True}, {"rotation_trick": True}, {"average_decay": 0.9}],
)
def test_encoding_changes_nothing(options: dict[str, Any]) -> None:
    bottleneck = trained(built(**options), 3)
    before = {name: value.clone() for name, value in bottleneck.state_dict().items()}
    tokens = bottleneck.tokens(bottleneck.encode(batch(0), return_info=True)[1])
    assert all(value.equal(before[name]) for name, value in bottleneck.state_dict().items())
    torch.testing.assert_close(bottleneck.dequantize(tokens), bottleneck.encode(batch(0)))


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_replacing_codes_draws_nothing_from_others_and_goes_on_exactly(decay: float) -> None:
    bottleneck = built(revive_below=0.5, average_decay=decay)
    state = torch.get_rng_state()
    trained(bottleneck, 5)
    assert torch.get_rng_state().equal(state)
    again = built(revive_below=0.5, average_decay=decay)
    again.load_state_dict({name: value.clone() for name, value in bottleneck.state_dict().items()})
    for each in (bottleneck, again):
        for seed in range(5, 30):
            each.train().encode(batch(seed))
    assert int(again.quantizer.quantizers[0].revival.draws) > 1  # type: ignore[union-attr]
    for name, value in bottleneck.state_dict().items():
        assert value.equal(again.state_dict()[name]), name


def test_the_first_batch_gives_every_stage_other_codes() -> None:
    bottleneck = built(revive_below=0.1).train()
    x = batch(0)
    bottleneck.encode(x)
    first: Any = bottleneck.quantizer.quantizers[0]
    rows = first.in_proj(x).transpose(1, 2).flatten(0, 1)
    distances = torch.cdist(first.codes.detach(), rows.detach()).min(-1).values
    assert float(distances.max()) < 1e-3
    assert len(first.codes.unique(dim=0)) == SIZE
    assert float(first.revival.use.min()) > 0.9


def test_padding_and_rows_that_are_not_finite_become_no_codes() -> None:
    revival = Revival(4, 0.5, 0.9, seed=0)
    codes = torch.zeros(4, 2)
    revival.replace(codes, torch.tensor([[1.0, 1.0], [float("nan"), 1.0], [1.0, 1.0], [float("inf"), 0.0]]))
    # One row is left, and one code: the others wait.
    assert codes.tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    assert revival.use.tolist() == [1.0, 0.0, 0.0, 0.0]
    before = revival.use.clone()
    revival.count(torch.empty(0, dtype=torch.int64))
    assert revival.use.equal(before)


@given(size=st.integers(1, 40), rows=st.integers(0, 60), below=st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_codes_in_use_stay_and_others_become_rows(size: int, rows: int, below: float) -> None:
    generator = torch.Generator().manual_seed(size)
    revival = Revival(size, below, 0.9, seed=1)
    revival.use.copy_(torch.rand(size, generator=generator))
    codes, frames = torch.zeros(size, 3), torch.rand(rows, 3, generator=generator) + 1
    dead = revival.use < below
    revival.replace(codes, frames)
    changed = (codes != 0).any(-1)
    assert not bool((changed & ~dead).any())
    assert int(changed.sum()) == min(rows, int(dead.sum()))
    assert {tuple(row) for row in codes[changed].tolist()} <= {tuple(row) for row in frames.tolist()}


def test_codes_behind_a_layer_are_replaced_by_what_it_makes_frames_of() -> None:
    torch.manual_seed(0)
    bottleneck = SimVQBottleneck(dim=8, codebook_size=SIZE, num_quantizers=2, revive_below=0.1).train()
    x = batch(0)
    bottleneck.encode(x)
    first: Any = bottleneck.layers[0]
    distances = torch.cdist(first.lookup(torch.arange(SIZE)), x.transpose(1, 2).flatten(0, 1)).detach().min(-1).values
    assert float(distances.max()) < 1e-2
    assert len(first.frozen_codebook.unique(dim=0)) == SIZE
    assert int(first.revival.draws) == 1
    tokens = bottleneck.eval().encode(x, return_info=True)[1]["quantizer_indices"]
    assert float(codebook_health(tokens, SIZE).usage.min()) > 0.9


def test_codes_behind_a_layer_can_be_replaced_before_the_gradient_of_earlier_ones() -> None:
    torch.manual_seed(0)
    bottleneck = SimVQBottleneck(dim=8, codebook_size=SIZE, revive_below=0.9).train()
    first = bottleneck.encode(batch(0), return_info=True)[1]["quantizer_loss"]
    bottleneck.encode(batch(1))
    first.backward()
    assert bottleneck.layers[0].code_transform.weight.grad is not None  # type: ignore[union-attr]


def test_snac_counts_the_frames_of_each_stage() -> None:
    torch.manual_seed(0)
    bottleneck = SnacRVQBottleneck(
        input_dim=4, codebook_size=8, codebook_dim=3, strides=[2, 1], fold=2, revive_below=0.2
    )
    bottleneck.train().encode(torch.randn(2, 8, 16))
    for stage in bottleneck.stages:
        assert int(stage.revival.draws) == 1  # type: ignore[union-attr, arg-type]
        assert float(stage.revival.use.mean()) == pytest.approx(1)  # type: ignore[union-attr, operator, arg-type]


@pytest.mark.parametrize("decay", [0.0, 0.9999])
def test_files_without_counts_load_as_evenly_used(decay: float) -> None:
    state = built().state_dict()
    bottleneck = built(revive_below=0.1, average_decay=decay)
    bottleneck.load_state_dict(adapt_codebooks(state, bottleneck.state_dict()))
    if decay:
        bottleneck.train().encode(batch(0))
        stage: Any = bottleneck.quantizer.quantizers[0]
        torch.testing.assert_close(stage.codes, state["quantizer.quantizers.0.codebook.weight"], rtol=0, atol=0.1)
        return
    bottleneck.train().encode(batch(0))
    assert bottleneck.quantizer.quantizers[0].codes.equal(state["quantizer.quantizers.0.codebook.weight"])


@pytest.mark.parametrize("option", ["revive_below", "average_decay"])
def test_frozen_codes_cannot_be_changed(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} changes codes"):
        built(linear_codebook=True, **{option: 0.1})
