"""No option of a sampler is accepted and ignored: each changes the sample."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.analytic_flow import OBJECTIVES, Gaussians
from torch import Tensor

from narrows.models.diffusion.samplers import SamplerError, sample
from narrows.models.diffusion.samplers.plan import read_sampler

OTHER: dict[str, Any] = {
    "steps": 7,
    "sigma_min": 0.2,
    "sigma_max": 0.8,
    "rho": 2.0,
    "schedule": "explicit",
    "eta": 0.5,
    "rtol": 0.1,
    "atol": 0.1,
}
EXPLICIT = {"type": "explicit", "times": [0.9, 0.3, 0.0]}


def sampled(name: str, **options: Any) -> Tensor:
    noise = torch.randn(1, 3, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    options = {"steps": 5} | options
    objective = OBJECTIVES[name]
    return sample(name, Gaussians(objective), noise, objective=objective, generator=[1], **options)


def fields(name: str) -> list[str]:
    """Options that are not there for the sake of other documents alone."""
    known = type(read_sampler(name)).model_fields
    extras = {key: field.json_schema_extra or {} for key, field in known.items()}
    return [key for key in known if key != "type" and extras[key].get("x-role") != "compatibility"]  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "option"), [(name, option) for name in OBJECTIVES for option in fields(name)])
def test_every_option_acts(name: str, option: str) -> None:
    if option == "max_steps":
        with pytest.raises(SamplerError, match="after 3 steps"):
            sampled(name, max_steps=3)
        return
    value = EXPLICIT if option == "schedule" else OTHER[option]
    more = {"steps": 2} if option == "schedule" else {}
    assert not torch.equal(sampled(name, **{option: value}, **more), sampled(name, **more))


def test_the_defaults_are_those_of_the_schema() -> None:
    assert torch.equal(
        sampled("dpmpp-2m-sde"), sampled("dpmpp-2m-sde", sigma_min=0.01, sigma_max=100.0, rho=1.0, eta=1.0)
    )
