"""Training under a budget of processor seconds: the number of steps is settled before the first one, and kept."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric

from narrows.cli.compose import compose
from narrows.configs.experiments import load_experiment
from narrows.training import RunResult, train
from narrows.training.run import create_trainer
from narrows.training.training_data import TrainingData
from toy_sounds.stages import write_json

EXAMPLES = Path(__file__).parents[2] / "examples"
TIMED = 4
"""Steps that are timed of each phase."""
QUIET = ("accelerator=cpu", "logger=none", "num_workers=0", "max_seconds=null", "val_every=1000000")
"""Words for all trainings: they are validated at their ends."""


def composed(example: str, words: Sequence[str]) -> dict[str, Any]:
    """An example's document with further words, and without demos on the way."""
    document = compose(EXAMPLES / example, [*QUIET, *words])
    document["model_config"]["training"]["demo"]["demo_every"] = 1_000_000
    return document


def trained(
    document: Mapping[str, Any],
    seconds: float,
    rate: float | None = None,
    settle: Callable[[dict[str, Any], int], None] | None = None,
    shares: Sequence[float] = (1.0,),
    steps: int | None = None,
) -> dict[str, Any]:
    """Train, or go on.

    Args:
        document: of the experiment; its `steps` are replaced.
        seconds: processor seconds of all steps.
        rate: peak of the learning rate, which rises over the first twentieth of the steps and falls to nothing at
            the last; None for the schedule of the document.
        settle: changes the document by the number of steps; None changes nothing.
        shares: of the steps, of each phase of the training.
        steps: in place of those that the seconds are for.

    Returns:
        `steps`, the folder of the `model`, and the `metrics` of the last validation.
    """
    planned = planned_training(document, seconds, rate, shares, steps)
    if settle is not None:
        settle(planned, planned["steps"])
    run: RunResult = train(planned, progress=False)
    return {"steps": run.step, "model": str(run.model), "metrics": run.metrics}


def planned_training(
    document: Mapping[str, Any],
    seconds: float,
    rate: float | None = None,
    shares: Sequence[float] = (1.0,),
    steps: int | None = None,
) -> dict[str, Any]:
    """The document with the steps and the schedule of a budget; see `trained`."""
    planned = copy.deepcopy(dict(document))
    planned["steps"] = _steps(planned, seconds, shares) if steps is None else steps
    planned["checkpoint_every"] = max(1, planned["steps"] // 10)
    if rate is not None:
        cycle = {"max_lr": rate, "total_steps": planned["steps"] + 1, "pct_start": 0.05}
        for pair in planned["model_config"]["training"]["optimizer_configs"].values():
            # The momentum of Muon stays as it is.
            own = {"cycle_momentum": False} if pair["optimizer"]["type"] == "Muon" else {}
            pair["scheduler"] = {"type": "OneCycleLR", "config": cycle | own}
    return planned


def _steps(document: dict[str, Any], seconds: float, shares: Sequence[float]) -> int:
    """How many steps the budget is for: of a file, so that a second attempt does not measure again."""
    plan = Path(document["save_dir"]) / f"{document['name']}.plan.json"
    if not plan.is_file():
        each = _seconds_of_a_step(document, shares)
        plan.parent.mkdir(parents=True, exist_ok=True)
        write_json(plan, {"seconds_of_a_step": each, "steps": max(2, round(seconds / each))})
    return int(json.loads(plan.read_text())["steps"])


def _seconds_of_a_step(document: Mapping[str, Any], shares: Sequence[float]) -> float:
    """The processor time of a step, of all phases by their shares of the steps."""
    typed = load_experiment(document)
    fabric = Fabric(accelerator="cpu", devices=1, precision=typed.precision)
    trainer = create_trainer(typed, fabric, new=True)
    batches = TrainingData(typed, fabric).batches
    trainer.train()
    phases = [_seconds_of_a_phase(trainer, batches, start) for start in (0, *sorted(trainer.switches))]
    return sum(share * seconds for share, seconds in zip(shares, phases, strict=True))


def _seconds_of_a_phase(trainer: Any, batches: Any, start: int) -> float:
    """The mean of a few steps, each at the least time of its kind: load on the machine can only make it longer."""
    found: list[tuple[Hashable, float]] = []
    for step in range(start, start + TIMED):
        drawn = [batches.draw() for _ in range(trainer.batches_at(step))]
        kind, before = trainer.work_kind(step), time.process_time()
        trainer.step(drawn, step)
        found.append((kind, time.process_time() - before))
    least = {kind: min(seconds for other, seconds in found if other == kind) for kind, _ in found}
    return sum(least[kind] for kind, _ in found) / len(found)
