"""Distributions of training times."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal

from narrows.models.diffusion.timesteps import draw_times, truncated_logit_normal

COUNT = 20000
KINDS = ("uniform", "logit_normal", "trunc_logit_normal", "log_snr", "log_snr_uniform")


def drawn(kind: str, **options: float) -> torch.Tensor:
    return draw_times(kind, COUNT, torch.Generator().manual_seed(1), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_times_come_from_their_generator(kind: str) -> None:
    before = torch.random.get_rng_state()
    times = drawn(kind)
    assert torch.equal(times, drawn(kind))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert times.shape == (COUNT,)
    assert bool(((times >= 0) & (times <= 1)).all())


def test_times_have_the_distributions_of_their_names() -> None:
    assert drawn("uniform").sort().values.diff().max() < 1.5 / COUNT
    logits = torch.logit(drawn("logit_normal"))
    assert logits.mean().abs() < 0.03
    assert (logits.std() - 1).abs() < 0.03
    logsnr = -torch.logit(drawn("log_snr", mean_logsnr=0.5, std_logsnr=1.5))
    assert (logsnr.mean() - 0.5).abs() < 0.05
    assert (logsnr.std() - 1.5).abs() < 0.05
    even = -torch.logit(drawn("log_snr_uniform", min_logsnr=-4, max_logsnr=2))
    assert even.min() > -4.001
    assert even.max() < 2.001
    assert (even.mean() + 1).abs() < 0.06


def test_truncated_numbers_are_those_between_the_bounds() -> None:
    """The median is that of the Gaussian between the logits of the bounds."""
    times = truncated_logit_normal(COUNT, 0.2, 0.9, generator=torch.Generator().manual_seed(0))
    assert 0 <= times.min() < 0.01
    assert 0.99 < times.max() <= 1
    normal = Normal(0.0, 1.0)
    low, high = (normal.cdf(torch.logit(torch.tensor(b))) for b in (0.2, 0.9))  # type: ignore[no-untyped-call]
    median = torch.sigmoid(normal.icdf((low + high) / 2))  # type: ignore[no-untyped-call]
    assert times.median() == pytest.approx(float((median - 0.2) / 0.7), abs=0.01)


def test_unknown_kinds_are_said() -> None:
    with pytest.raises(ValueError, match="no timestep sampler 'cosine'"):
        draw_times("cosine", 2)
