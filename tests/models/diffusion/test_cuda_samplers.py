"""Samplers on a GPU give what they give on the CPU."""

from __future__ import annotations

import pytest
import torch
from support.analytic_flow import OBJECTIVES, Gaussians

from narrows.models.diffusion.noise import ItemNoise
from narrows.models.diffusion.samplers import sample

pytestmark = pytest.mark.cuda


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_seed_gives_the_same_sample_on_both(name: str) -> None:
    ends = []
    for device in ("cpu", "cuda"):
        source = ItemNoise([1, 2])
        noise = source.gaussian(torch.empty(2, 3, 16, device=device))
        objective = OBJECTIVES[name]
        got = sample(name, Gaussians(objective), noise, objective=objective, steps=12, noise_source=source)
        assert got.device.type == device
        ends.append((noise.cpu(), got.cpu()))
    assert torch.equal(ends[0][0], ends[1][0])
    torch.testing.assert_close(ends[0][1], ends[1][1], atol=1e-4, rtol=1e-4)
