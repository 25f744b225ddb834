"""Models that validate but cannot be built yet say so; what is wrong with them is said first."""

from __future__ import annotations

import pytest

from narrows.configs import ConfigError
from narrows.models import (
    NotAvailableError,
    create_multi_conditioner_from_conditioning_config,
)


def test_conditioning_is_validated_first() -> None:
    section = {
        "cond_dim": 8,
        "configs": [{"id": "seconds_total", "type": "int", "config": {"min_val": 0, "max_val": 9}}],
    }
    with pytest.raises(NotAvailableError, match="conditioning"):
        create_multi_conditioner_from_conditioning_config(section)
    with pytest.raises(ConfigError):
        create_multi_conditioner_from_conditioning_config({"cond_dim": 8, "configs": [{"id": "x", "type": "nothing"}]})
