"""The look for weights that are not finite, while the model is built."""

from __future__ import annotations

import threading

import pytest
import torch

from narrows.models.checkpoints import finite_scan
from narrows.models.checkpoints.finite_scan import SMALL, not_finite, scanning

BAD = [float("nan"), float("inf"), float("-inf")]
KINDS = [torch.float32, torch.float16, torch.bfloat16, torch.float64]


@pytest.fixture(params=[1, 1 << 60], ids=["thread", "no thread"])
def _threshold(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finite_scan, "WORTH_A_THREAD", request.param)


def tensors() -> list[torch.Tensor]:
    """Small and large ones of all kinds, an empty one, a scalar, integers, a transposed one, and large numbers."""
    floats = [torch.ones(size, dtype=kind) for kind in KINDS for size in (3, SMALL + 1)]
    others = [torch.empty(0), torch.tensor(1.0), torch.arange(4), torch.ones(3, 5).T, torch.ones(2, dtype=torch.bool)]
    return [*floats, *others, torch.full((9,), torch.finfo(torch.float32).max)]


@pytest.mark.parametrize("value", BAD)
def test_exactly_the_tensors_that_are_not_finite_are_found(value: float) -> None:
    given = tensors()
    assert not_finite(given) == set()
    for tensor in given:
        if not tensor.is_floating_point() or tensor.numel() == 0:
            continue
        broken = tensor.clone()
        broken[(-1,) * tensor.dim()] = value
        assert not_finite([*given, broken]) == {id(broken)}


@pytest.mark.usefixtures("_threshold")
def test_the_scan_knows_the_file_s_tensors_and_looks_at_all_others() -> None:
    given = tensors()
    broken, made = torch.tensor([1.0, float("nan")]), torch.full((SMALL + 1,), float("inf"))
    content = {str(index): tensor for index, tensor in enumerate([*given, broken])}
    with scanning({**content, "epoch": 3, "optimizer": {"a": made}}) as scan:
        assert scan.not_finite([*given, broken, made]) == {id(broken), id(made)}


@pytest.mark.usefixtures("_threshold")
def test_no_thread_is_left_when_the_building_fails() -> None:
    with pytest.raises(ZeroDivisionError), scanning({"a": torch.ones(10)}):
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("finite-scan")]
