"""Drawing tokens: recorded draws, limits, and draws that do not depend on the batch."""

from __future__ import annotations

import pytest
import torch
from support.goldens import golden_ids, load_golden

from narrows.models import compat
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.sampling import Draw, likeliest, noise_of, nucleus


@pytest.mark.parametrize("name", golden_ids("lm", "token_sampling"))
def test_recorded_draws(name: str) -> None:
    golden = load_golden("lm", name)
    params = golden.meta["params"]
    draws = {
        "top_k": lambda p: compat.sample_top_k(p, params["k"]),
        "top_p": lambda p: compat.sample_top_p(p, params["p"]),
        "multinomial": lambda p: compat.multinomial(p, 1),
        "multinomial4": lambda p: compat.multinomial(p, 4, replacement=True),
    }
    for key, draw in draws.items():
        torch.manual_seed(golden.meta["seed"])
        golden.assert_close(key, draw(golden.inputs["probs"].clone()))


def test_top_k_keeps_the_likeliest() -> None:
    p = torch.tensor([[0.1, 0.4, 0.3, 0.2]])
    torch.testing.assert_close(likeliest(p, 2), torch.tensor([[0.0, 4 / 7, 3 / 7, 0.0]]))
    assert torch.equal(likeliest(p, 100), p / p.sum())
    compat.sample_top_k(p, 2)
    torch.testing.assert_close(p, torch.tensor([[0.0, 4 / 7, 3 / 7, 0.0]]))


def test_top_p_keeps_a_share() -> None:
    ordered, tokens = nucleus(torch.tensor([[0.1, 0.4, 0.3, 0.2]]), 0.5)
    torch.testing.assert_close(ordered, torch.tensor([[4 / 7, 3 / 7, 0.0, 0.0]]))
    assert tokens.tolist() == [[1, 2, 3, 0]]


def test_draws_follow_the_distribution() -> None:
    logits = torch.tensor([0.5, 0.3, 0.2]).log().expand(20000, 1, 3)
    drawn = Draw()(logits, noise_of(torch.Generator().manual_seed(0)))
    share = torch.bincount(drawn.flatten(), minlength=3) / 20000
    torch.testing.assert_close(share, torch.tensor([0.5, 0.3, 0.2]), atol=0.015, rtol=0)
    sharp = Draw(temperature=0.5)(logits, noise_of(torch.Generator().manual_seed(0)))
    expected = torch.tensor([0.25, 0.09, 0.04]) / 0.38
    torch.testing.assert_close(torch.bincount(sharp.flatten()) / 20000, expected, atol=0.015, rtol=0)


def test_temperature_zero_is_greedy_and_draws_nothing() -> None:
    state = torch.get_rng_state()
    assert Draw(0)(torch.tensor([[[0.0, 3.0, 1.0]]]), noise_of(None)).tolist() == [[1]]
    assert torch.equal(state, torch.get_rng_state())


def test_an_item_draws_from_its_own_generator() -> None:
    logits = torch.randn(3, 4, 16, generator=torch.Generator().manual_seed(0))
    together = Draw()(logits, noise_of([torch.Generator().manual_seed(s) for s in (5, 6, 7)]))
    alone = Draw()(logits[1:2], noise_of([torch.Generator().manual_seed(6)]))
    assert torch.equal(together[1:2], alone)


@pytest.mark.parametrize("options", [{"temperature": -1}, {"top_k": -2}, {"top_p": 1.5}])
def test_options_out_of_range(options: dict[str, float]) -> None:
    with pytest.raises(LanguageModelError, match=next(iter(options))):
        Draw(**options)  # type: ignore[arg-type]
