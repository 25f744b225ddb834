"""Models that validate but cannot be built yet say so; what is wrong with them is said first."""

from __future__ import annotations

import pytest

from narrows.configs import ConfigError
from narrows.models import (
    NotAvailableError,
    create_diffusion_uncond_from_config,
    create_model_from_config,
)

BACKBONE = {
    "in_channels": 2,
    "channels": 8,
    "multipliers": [1, 2],
    "factors": [2],
    "num_blocks": [1],
    "attentions": [0],
}
DIFFUSION = {
    "model_type": "diffusion_uncond",
    "sample_rate": 16000,
    "sample_size": 4096,
    "model": {"type": "adp_uncond_1d", "config": BACKBONE},
}


def test_a_valid_model_is_not_available() -> None:
    for create in (create_model_from_config, create_diffusion_uncond_from_config):
        with pytest.raises(NotAvailableError, match="'diffusion_uncond' is not available in this version"):
            create(DIFFUSION)


def test_a_wrong_one_is_wrong() -> None:
    with pytest.raises(ConfigError, match="sample_rate"):
        create_diffusion_uncond_from_config(DIFFUSION | {"sample_rate": "16000"})
