"""Cross-entropy: against a plain computation, and that padding changes neither loss nor gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_lm import BACKBONES, CODEBOOK_SIZE, PATTERNS, build, codes, conditions
from torch.nn import functional as F

from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.loss import cross_entropy, perplexities


def test_mean_of_codebooks_over_what_counts() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 5, 7, generator=generator)
    targets = torch.randint(7, (2, 3, 5), generator=generator)
    counted = torch.rand(2, 3, 5, generator=generator) > 0.3
    got = cross_entropy(logits, targets, counted)
    each = [F.cross_entropy(logits[:, k][counted[:, k]], targets[:, k][counted[:, k]]) for k in range(3)]
    torch.testing.assert_close(got.per_codebook, torch.stack(each))
    torch.testing.assert_close(got.mean, torch.stack(each).mean())
    torch.testing.assert_close(got.perplexity, torch.stack(each).exp())
    weighted = cross_entropy(logits, targets, counted, codebook_weights=[3, 1, 0])
    torch.testing.assert_close(weighted.mean, (3 * each[0] + each[1]) / 4)
    smooth = cross_entropy(logits, targets, counted, label_smoothing=0.2)
    first = F.cross_entropy(logits[:, 0][counted[:, 0]], targets[:, 0][counted[:, 0]], label_smoothing=0.2)
    torch.testing.assert_close(smooth.per_codebook[0], first)
    torch.testing.assert_close(got.bits_per_second(50.0), torch.stack(each).sum() / torch.tensor(2.0).log() * 50)


def test_a_codebook_without_predictions_is_left_out_of_the_mean() -> None:
    logits = torch.zeros(1, 2, 3, 4, requires_grad=True)
    counted = torch.ones(1, 2, 3, dtype=torch.bool)
    counted[:, 1] = False
    got = cross_entropy(logits, torch.zeros(1, 2, 3, dtype=torch.long), counted)
    torch.testing.assert_close(got.mean, torch.tensor(4.0).log())
    assert got.per_codebook.isnan().tolist() == [False, True]
    got.mean.backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.lm.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_padding_changes_neither_loss_nor_gradient(pattern: str, backbone: str) -> None:
    model = build(backbone, PATTERNS[pattern], cross=True, prepend=True)
    clips, lengths = codes(3, 9), [9, 4, 6]
    other = clips.clone()
    for item, length in enumerate(lengths):
        other[item, :, length:] = (other[item, :, length:] + 5) % CODEBOOK_SIZE
    tensors = conditions(3)
    first = model.cross_entropy(clips, tensors, lengths=lengths)
    before = gradients(model, first.mean)
    again = model.cross_entropy(other, tensors, lengths=torch.tensor(lengths))
    after = gradients(model, again.mean)
    assert torch.equal(first.mean, again.mean)
    assert all(torch.equal(before[name], after[name]) for name in before)
    longer = model.cross_entropy(F.pad(clips, (0, 5), value=3), tensors, lengths=lengths)
    torch.testing.assert_close(longer.per_codebook, first.per_codebook)
    alone = [
        model.cross_entropy(clips[i : i + 1, :, :n], {k: (e[i : i + 1], None) for k, (e, _) in tensors.items()})
        for i, n in enumerate(lengths)
    ]
    counts = torch.stack([a.counts for a in alone]).double()
    total = torch.stack([a.per_codebook.nan_to_num() for a in alone]).double() * counts
    torch.testing.assert_close(first.counts, counts.sum(0).long())
    torch.testing.assert_close((total.sum(0) / counts.sum(0)).float(), first.per_codebook.detach())


def test_a_mask_only_leaves_positions_out() -> None:
    model = build()
    clips = codes(2, 8)
    out = model.compute_logits(clips)
    mask = torch.arange(8) < torch.tensor([[8], [5]])
    counted = out.mask & mask[:, None]
    expected = [F.cross_entropy(out.logits[:, k][counted[:, k]], clips[:, k][counted[:, k]]) for k in range(4)]
    torch.testing.assert_close(model.cross_entropy(clips, mask=mask).per_codebook, torch.stack(expected))
    single = mask[:, None] & torch.tensor([True, True, False, True])[:, None]
    left = model.cross_entropy(clips, mask=single).per_codebook
    assert left.isnan().tolist() == [False, False, True, False]


@pytest.mark.parametrize("pattern", ["delay", "parallel", "unroll"])
def test_the_end_is_taught_to_items_that_end(pattern: str) -> None:
    """One prediction more in the first codebook for an item that is shorter than the batch; a crop teaches no end."""
    plain, ending = build(pattern=PATTERNS[pattern]), build(pattern=PATTERNS[pattern], end_token=True)
    clips = codes(2, 8)
    for lengths in ([8, 8], [8, 5]):
        before = plain.cross_entropy(clips, lengths=lengths).counts
        after = ending.cross_entropy(clips, lengths=lengths).counts
        assert int(after[0] - before[0]) == lengths.count(5)
        assert (after >= before).all()
    out = ending.compute_logits(clips, lengths=[8, 5])
    assert out.mask[1, 0].tolist() == [True] * 6 + [False] * 2
    assert not out.mask[1, 1:, 5:].any()
    mask = torch.ones(2, 8, dtype=torch.bool)
    assert torch.equal(ending.cross_entropy(clips, mask=mask, lengths=[8, 5]).counts, after)


def test_dropping_all_conditions_is_one_draw_an_item() -> None:
    model = build(cross=True, prepend=True, added=True)
    given = model.conditions(conditions(200), 200)
    dropped = given.dropped(0.3, torch.Generator().manual_seed(0))
    gone = [(t == 0).all(-1).all(-1) for t in (dropped.cross, dropped.prepend, dropped.sum) if t is not None]
    assert torch.equal(gone[0], gone[1])
    assert torch.equal(gone[0], gone[2])
    chi2 = (int(gone[0].sum()) - 60) ** 2 / 60 + (int((~gone[0]).sum()) - 140) ** 2 / 140
    assert chi2 < 10.8, "once in a thousand at a share of 0.3"
    assert given.dropped(0.0) is given
    loss = model.cross_entropy(codes(2, 6), conditions(2), cfg_dropout_prob=1.0)
    zeros = {k: (torch.zeros_like(e), m) for k, (e, m) in conditions(2).items()}
    torch.testing.assert_close(loss.mean, model.cross_entropy(codes(2, 6), zeros).mean)


@pytest.mark.parametrize(
    "depth", [None, {"dim": 32, "dim_heads": 16}, {"dim": 32, "dim_heads": 16, "shared_weights": False}]
)
def test_every_parameter_learns(depth: dict[str, Any] | None) -> None:
    model = build(cross=True, prepend=True, added=True, depth=depth, pattern="parallel").train()
    got = gradients(model, model.cross_entropy(codes(2, 6), conditions(2)).mean)
    still = {name for name, p in model.lm.named_parameters() if name not in got or not got[name].any()}
    assert still == set()


def test_wrong_calls() -> None:
    model = build()
    for lengths in ([3], [3, 9], [0, 3]):
        with pytest.raises(LanguageModelError, match="lengths must be 2 numbers from 1 to 8"):
            model.cross_entropy(codes(2, 8), lengths=lengths)
    with pytest.raises(LanguageModelError, match="mask must be of shape"):
        model.cross_entropy(codes(2, 8), mask=torch.ones(2, 7))
    with pytest.raises(LanguageModelError, match="from 0 to 15"):
        model.compute_logits(codes(2, 8) + 1)


def test_a_cross_entropy_too_large_for_a_perplexity_has_none() -> None:
    """A training that has gone astray is told by its losses, and not ended by this."""
    found = perplexities(enumerate([0.0, 2.0, 710.0, float("inf"), float("nan")], 1))
    assert found.keys() == {"perplexity/1", "perplexity/2", "perplexity/5"}
    assert found["perplexity/2"] == pytest.approx(7.389056)
