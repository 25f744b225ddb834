"""The plan of a training: losses and trained parts, phase by phase."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from narrows.training.trainers.base import Trainer


def describe_start(
    trainer: Trainer, steps: int, step: int, missing: Iterable[str] = (), memory: str | None = None
) -> str:
    """The plan, and where the run starts.

    Args:
        trainer: of the run.
        steps: of the run in all.
        step: steps done.
        missing: modules that the checkpoint given as `ckpt_path` lacks.
        memory: that the run takes, in words.
    """
    text = [describe(trainer, steps), *([] if memory is None else [memory])]
    text += [f"The checkpoint of ckpt_path has no {name}; it starts anew." for name in missing]
    text += [f"Going on at step {step}."] if step else []
    return "\n".join(text)


def describe(trainer: Trainer, steps: int) -> str:
    """The plan as text, with the numbers of parameters that are trained and frozen.

    Args:
        trainer: of the run.
        steps: of the run in all.
    """
    counts = {True: 0, False: 0}
    for parameter in trainer.model.parameters():
        counts[parameter.requires_grad] += parameter.numel()
    text = [f"{counts[True]:,} parameters are trained, {counts[False]:,} are frozen."]
    switches = sorted(step for step in trainer.switches if 0 < step < steps)
    for first, last in pairwise([0, *switches, steps]):
        text.append(f"Steps {first + 1} to {last}:")
        text += [f"  {line}" for line in trainer.describe(first)]
    return "\n".join(text)
