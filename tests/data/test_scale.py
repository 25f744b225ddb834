"""The tables of docs/scale.md are those that the command makes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scale_benchmark", ROOT / "benchmarks/scale.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_has_the_tables_of_the_command(scale: ModuleType) -> None:
    text = scale.PAGE.read_text(encoding="utf-8")
    assert text == scale.page_with(text, scale.tables()), "run `python benchmarks/scale.py --write`"


def test_the_simulated_queue_does_every_shard_and_waits_for_the_longest(scale: ModuleType) -> None:
    """Without deaths and differences of speed the figures are known."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scale, "DEATHS", 1e-12)
        patched.setattr(scale, "WORKERS", 2)
        work = [1.0, 1.0, 4.0]
        queue = scale.Queue(work, [1.0, 1.0], np.random.default_rng(0)).run()
        assert (queue.hours, queue.useful, queue.wasted) == pytest.approx((5.0, 6.0, 0.0))
        strided = scale.strided(work, np.ones(2), np.random.default_rng(0))
        assert (strided.hours, strided.useful, strided.idle) == pytest.approx((5.0, 6.0, 0.4))
        slow = scale.Queue([2.0, 2.0], [1.0, 0.1], np.random.default_rng(0)).run()
        assert (slow.hours, slow.useful, slow.wasted) == pytest.approx((4.0, 4.0, 4.0))
