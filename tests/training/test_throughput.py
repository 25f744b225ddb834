"""Items, samples, latent frames, tokens and floating-point operations are counted exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from support.diffusion_cases import CHANNELS, FRAMES, diffusion_model
from support.training_cases import experiment_config, model_config
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from narrows.models import create_model_from_config
from narrows.models.inference.cpu.onednn import can_pack
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.throughput import in_words
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.matrix_rate import matrix_rate, ways_to_multiply
from narrows.training.throughput import FlopCount, StepMeter, Throughput, Unit, Work


def batch(items: int, length: int, padded: int = 0) -> Any:
    mask = torch.ones(1, length, dtype=torch.bool)
    mask[:, length - padded :] = False
    return torch.randn(items, 2, length), [{"padding_mask": mask[0]} for _ in range(items)]


@pytest.mark.parametrize(
    ("unit", "padded", "count"),
    [
        (Unit(), 0, 3 * 20),
        (Unit(), 5, 3 * 15),
        (Unit("latent_frames", 8), 0, 3 * 3),
        (Unit("latent_frames", 8), 5, 3 * 2),
        (Unit("tokens", 8, 4), 5, 3 * 2 * 4),
    ],
)
def test_a_unit_counts_without_padding(unit: Unit, padded: int, count: int) -> None:
    assert unit.count(batch(3, 20, padded)) == count


def test_operations_are_those_of_torchs_own_counter() -> None:
    network = nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.Conv1d(4, 2, 3))

    def step() -> None:
        query = network(torch.randn(3, 2, 20))
        attended = nn.functional.scaled_dot_product_attention(*[query[:, None]] * 3)
        attended.square().sum().backward()

    with FlopCounterMode(display=False) as wanted:
        step()
    with FlopCount() as count:
        step()
    assert count.total == wanted.get_total_flops() > 0


def test_steps_are_watched_at_powers_of_two_and_when_shapes_or_kinds_are_new() -> None:
    meter, runs = StepMeter(Unit()), []

    def step(length: int, kind: Any, rows: int) -> int | None:
        runs.append(rows)
        with meter.step([batch(2, length)], kind) as work:
            torch.ones(rows, 4) @ torch.ones(4, 4)
        assert work().items == 2
        return work().flops

    one_row = 2 * 4 * 4
    # What the first step computed and kept is not done again: the second is watched, the third is not.
    assert [step(20, 0, rows) for rows in (3, 1, 5, 2, 9)] == [each * one_row for each in (3, 1, 1, 2, 2)]
    assert step(24, 0, 7) == 7 * one_row
    assert step(20, 1, 8) == 8 * one_row
    assert [step(20, None, rows) for rows in (3, 1, 5)] == [each * one_row for each in (3, 1, 5)]


def test_compiled_networks_are_not_watched() -> None:
    meter = StepMeter(Unit(), watches=False)
    with meter.step([batch(2, 20)], 0) as work:
        torch.ones(4, 4) @ torch.ones(4, 4)
    assert work() == Work(2, 40, None)
    throughput = Throughput(Fabric(accelerator="cpu", devices=1), Unit(), torch.float32)
    throughput.add(work(), 2.0)
    assert throughput.take() == {
        "throughput/items_per_step": 2,
        "throughput/items_per_second": 1,
        "throughput/samples_per_step": 40,
        "throughput/samples_per_second": 20,
    }
    assert throughput.take() == {}


def test_rates_are_shown_beside_what_the_machine_can_do() -> None:
    cpu = torch.device("cpu")
    rate = matrix_rate(torch.float32, cpu)
    assert matrix_rate(torch.float32, cpu) == rate > 0, "measured once"
    throughput = Throughput(Fabric(accelerator="cpu", devices=1), Unit("latent_frames", 8), torch.float32)
    for _ in range(2):
        throughput.add(Work(4, 400, int(rate / 2)), 0.5)
    values = throughput.take()
    assert values["throughput/matrix_rate_share"] == pytest.approx(1.0, rel=1e-6)
    shown = f"8 items/s, 800 latent frames/s, {rate / 1e9:,.0f} GFLOP/s (100% of the matrix rate)"
    assert in_words(values) == shown or rate < 1e11


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_every_library_at_hand_multiplies_the_same_matrices(dtype: torch.dtype) -> None:
    a, b = (torch.randn(48, 48, generator=torch.Generator().manual_seed(seed)).to(dtype) for seed in (0, 1))
    products = [way() for way in ways_to_multiply(a, b)]
    assert len(products) == 1 + can_pack(dtype)
    for product in products:
        torch.testing.assert_close(product.float(), a.float() @ b.float(), rtol=0.02, atol=0.02)


def test_a_trainer_counts_forward_and_backward() -> None:
    document = diffusion_model(pre_encoded=True, use_ema=False)
    trainer = create_training_wrapper_from_config(document, create_model_from_config(document))
    trainer.setup(Fabric(accelerator="cpu", devices=1))
    metadata = [{"class": 1, "seconds_total": 0.5, "padding_mask": torch.arange(FRAMES) < 40} for _ in range(3)]
    latents = torch.randn(3, CHANNELS, FRAMES)
    with FlopCounterMode(display=False) as wanted:
        trainer.update([(latents, metadata)], 0)
    work = trainer.step([(latents, metadata)], 0).work
    assert work == Work(3, 3 * 40, wanted.get_total_flops())


def test_accumulated_batches_count_in_the_metrics(clips: Path, tmp_path: Path) -> None:
    settings = {"steps": 4, "batch_size": 2, "accum_batches": 3, "log_every": 2, "val_batches": 0}
    run = train(experiment_config(clips, tmp_path, model_config(), **settings), progress=False)
    records = [record for record in read_metrics(run.folder / "metrics.jsonl") if record["split"] == "train"]
    assert len(records) == 2
    for record in records:
        assert record["throughput/items_per_step"] == 6
        assert record["throughput/samples_per_step"] == 6 * 1024
        assert record["throughput/flops_per_step"] > 0
        assert record["throughput/items_per_second"] > 0
    assert records[0]["throughput/flops_per_step"] == records[1]["throughput/flops_per_step"]
    assert "items/s" in (run.folder / "report.html").read_text()
