"""What a training takes is told before it starts, and is what it then takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_lm
from support.diffusion_cases import CHANNELS, FRAMES, diffusion_model
from support.training_cases import experiment_config, model_config
from torch import Tensor, nn

from narrows.configs import load_config
from narrows.configs._families import FAMILIES
from narrows.models.inspection import saved_bytes
from narrows.models.training_memory import batch_activations
from narrows.training import create_optimizer_from_config, memory, train
from narrows.training.distributed.fabric import create_fabric
from narrows.training.memory import MIB, advice, estimate, is_out_of_memory
from narrows.training.run import create_trainer


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in FAMILIES["optimizer"].tags),
        *((name, {"amsgrad": True}) for name in ("Adam", "AdamW")),
        *((name, {"momentum": 0.9}) for name in ("SGD", "RMSprop")),
    ],
)
def test_the_state_of_an_optimizer_is_what_it_then_is(name: str, options: dict[str, Any]) -> None:
    weights = [nn.Parameter(torch.ones(96, 32)), nn.Parameter(torch.ones(64, 64))]
    weights += [nn.Parameter(torch.ones(32))] if name == "Muon" else []
    optimizer = create_optimizer_from_config({"type": name, "config": {"lr": 0.01, **options}}, weights)
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    told = memory._state_bytes(optimizer)
    optimizer.step()
    states = [value for weight in weights for value in optimizer.state[weight].values() if isinstance(value, Tensor)]
    found = sum(value.nbytes for value in states if value.dim())
    # Rows and columns, which Adafactor keeps, are another share of weights of other shapes.
    assert abs(told - found) <= (0.01 * sum(weight.nbytes for weight in weights) if name == "Adafactor" else 0)


@pytest.mark.parametrize("kind", ["diffusion_cond", "diffusion_uncond", "diffusion_cond_inpaint"])
@pytest.mark.parametrize("width", [32, 96])
def test_a_step_takes_what_was_told(kind: str, width: int, clips: Path, tmp_path: Path) -> None:
    document = diffusion_model(kind, pre_encoded=True, post_hoc_ema={})
    network = document["model"]["config" if kind == "diffusion_uncond" else "diffusion"]
    network = network if kind == "diffusion_uncond" else network["config"]
    network |= {"embed_dim": width, "num_heads": width // 32}
    settings = {"batch_size": 4, "dataset_config": {"dataset_type": "pre_encoded", "path": str(tmp_path)}}
    experiment = load_config(experiment_config(clips, tmp_path, document, **settings), "experiment")
    fabric = create_fabric(experiment)
    trainer = create_trainer(experiment, fabric, new=True)
    told = estimate(trainer, experiment)
    metadata = [{"class": index % 3, "seconds_total": 0.06} for index in range(4)]
    given = (torch.randn(4, CHANNELS, FRAMES), metadata)
    with saved_bytes() as saved:
        trainer.step([given], 0)
    [group] = trainer.groups.values()
    states = [value for each in group.parameters for value in group.optimizer.state[each].values()]
    trained = [value for value in trainer.model.parameters() if value.requires_grad]
    assert told.weights == sum(v.nbytes for v in [*trainer.model.parameters(), *trainer.model.buffers()])
    assert told.gradients == sum(value.nbytes for value in trained)
    assert told.optimizer == sum(value.nbytes for value in states if value.dim())
    averaged = sum(value.nbytes for value in trained)
    assert told.averages == pytest.approx(3 * averaged, rel=0.05)
    assert told.activations == pytest.approx(sum(saved.values()), rel=0.25)


def test_what_is_not_known_is_said() -> None:
    assert batch_activations(load_config(tiny_lm.config(), "model"), 3) is None
    assert str(memory.Estimate(MIB, MIB, 0, 0, None)) == (
        "about 2 MiB of memory: weights 1, gradients 1; activations are not known"
    )


def test_the_plan_tells_it_and_what_to_lower_where_it_is_too_much(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    train(experiment_config(clips, tmp_path / "one", model_config(), steps=1, val_batches=0))
    plan = capsys.readouterr().err
    assert "It takes about" in plan
    assert "cheapest changes" not in plan
    monkeypatch.setattr(memory, "free_memory", lambda device: MIB // 16)
    train(experiment_config(clips, tmp_path / "two", model_config(), steps=1, val_batches=0))
    plan = capsys.readouterr().err
    assert "Only 0 MiB are free. Should it not fit, the cheapest changes are:" in plan
    assert "2. batch_size=1 accum_batches=2" in plan


def test_advice_is_of_what_is_large() -> None:
    document = diffusion_model(pre_encoded=True)
    stored = {"dataset_type": "pre_encoded", "path": "latents"}
    settings = {"batch_size": 8, "dataset_config": stored, "val_dataset_config": None, "val_batches": 0}
    config = load_config(experiment_config(Path("x"), Path("y"), document, **settings), "experiment")
    few = memory.Estimate(weights=MIB, gradients=MIB, optimizer=2 * MIB, averages=MIB, activations=100 * MIB)
    half = "about 50% of the memory of activations, 50 of 100 MiB"
    assert advice(config, few)[:2] == [
        f"precision=bf16-mixed: {half}, and faster on GPUs that have bf16",
        f"batch_size=4 accum_batches=2: {half}, with the same gradients",
    ]
    large = memory.Estimate(weights=MIB, gradients=MIB, optimizer=2 * MIB, averages=MIB, activations=MIB // 2)
    assert advice(config, large)[0] == "model.training.use_ema=false: 1 MiB, the size of the weights"


@pytest.mark.parametrize(
    ("error", "memory_is_out"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: 9 bytes"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."), True),
        (MemoryError("Unable to allocate 9 GiB for an array"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_errors_of_memory_are_told_from_others(error: BaseException, memory_is_out: bool) -> None:
    assert is_out_of_memory(error) is memory_is_out
