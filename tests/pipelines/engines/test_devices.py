"""What a cluster computes on decides how sounds are put together in batches, wherever the command runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import tiny_diffusion

from narrows.pipelines.engines import EngineError
from narrows.pipelines.generation.prompt_files import Entry
from narrows.pipelines.generation.run import BATCH, make_plan


def test_a_plan_for_other_devices_has_their_batches(tmp_path: Path) -> None:
    model = tiny_diffusion.build(size=2048)
    entries = [Entry(f"{n}", {"prompt": "jazz", "seconds": 0.1, "steps": 2}) for n in range(2 * BATCH + 1)]
    here = make_plan(model, entries, tmp_path, defaults={})
    there = make_plan(model, entries, tmp_path, defaults={}, device="cuda")
    assert here.batches == make_plan(model, entries, tmp_path, defaults={}, device="cpu").batches
    assert [len(places) for places in there.batches] == [BATCH, BATCH, 1]
    assert there.batches != here.batches


@pytest.mark.parametrize(
    ("gpus", "accelerator", "found"),
    [(2, "auto", "cuda"), (2, "cpu", "cpu"), (2, "cuda", "cuda"), (0, "auto", "cpu"), (0, "cpu", "cpu")],
)
def test_the_device_of_a_cluster(gpus: int, accelerator: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    from narrows.pipelines.engines.on_ray import Cluster, device_kind

    monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 4.0, **({"GPU": float(gpus)} if gpus else {})})
    assert device_kind(Cluster(accelerator=accelerator)) == found


def test_a_device_that_a_cluster_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    from narrows.pipelines.engines.on_ray import Cluster, device_kind

    monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 4.0})
    for accelerator, said in (("cuda", "no machine of the cluster has a GPU"), ("mps", "not for clusters")):
        with pytest.raises(EngineError, match=said):
            device_kind(Cluster(accelerator=accelerator))
