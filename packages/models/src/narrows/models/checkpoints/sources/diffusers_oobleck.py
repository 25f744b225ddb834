"""Weights of `AutoencoderOobleck` of diffusers: the Oobleck of stable-audio-tools under names of its own.

The layers of a side are numbered through in our modules, so that the names of the last ones depend on how many stages
there are: one layout a number.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Modules, renames_of

STAGES = range(1, 9)
UNIT = (("snake1", 0), ("conv1", 1), ("snake2", 2), ("conv2", 3))
"""Layers of a residual unit."""


def modules(stages: int) -> Modules:
    """The names of all modules that have tensors, theirs and ours."""
    table = [pair for side in ("encoder", "decoder") for stage in range(stages) for pair in _stage(side, stage)]
    for side in ("encoder", "decoder"):
        ends = (("conv1", 0), ("snake1", stages + 1), ("conv2", stages + 2))
        table += [(f"{side}.{theirs}", f"{side}.layers.{place}") for theirs, place in ends]
    return table


def _stage(side: str, stage: int) -> list[tuple[str, str]]:
    """A stage: three residual units around its snake and its strided convolution."""
    inside, ours = f"{side}.block.{stage}.", f"{side}.layers.{stage + 1}.layers."
    first, snake, strided = (0, 3, 4) if side == "encoder" else (2, 0, 1)
    convolution = "conv1" if side == "encoder" else "conv_t1"
    units = [
        (f"{inside}res_unit{unit + 1}.{name}", f"{ours}{first + unit}.layers.{place}")
        for unit in range(3)
        for name, place in UNIT
    ]
    return [*units, (f"{inside}snake1", f"{ours}{snake}"), (f"{inside}{convolution}", f"{ours}{strided}")]


def _layout(stages: int) -> Layout:
    name = f"AutoencoderOobleck of diffusers, {stages} stages"
    last, beyond = (rf"encoder\.block\.{number}\.res_unit1\." for number in (stages - 1, stages))
    return Layout(name, renames_of(modules(stages)), marker=last, absent=beyond)


LAYOUTS = tuple(_layout(stages) for stages in STAGES)
