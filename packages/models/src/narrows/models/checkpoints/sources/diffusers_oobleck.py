"""Weights of `AutoencoderOobleck` of diffusers: the Oobleck of stable-audio-tools under names of its own.

The layers of a side are numbered through in our modules, so that the names of the last ones depend on how many stages
there are: one layout a number.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Rename

STAGES = range(1, 9)
UNIT = (("snake1", 0), ("conv1", 1), ("snake2", 2), ("conv2", 3))
"""Layers of a residual unit."""


def _stage(side: str, stage: int) -> list[Rename]:
    """A stage: three residual units around its snake and its strided convolution."""
    inside, ours = rf"{side}\.block\.{stage}\.", f"{side}.layers.{stage + 1}.layers."
    first, snake, strided = (0, 3, 4) if side == "encoder" else (2, 0, 1)
    convolution = "conv1" if side == "encoder" else "conv_t1"
    units = [
        Rename(rf"{inside}res_unit{unit + 1}\.{name}\.", f"{ours}{first + unit}.layers.{place}.")
        for unit in range(3)
        for name, place in UNIT
    ]
    own = [(r"snake1", snake), (convolution, strided)]
    return [*units, *(Rename(rf"{inside}{name}\.", f"{ours}{place}.") for name, place in own)]


def _layout(stages: int) -> Layout:
    renames = [rename for side in ("encoder", "decoder") for stage in range(stages) for rename in _stage(side, stage)]
    for side in ("encoder", "decoder"):
        renames.append(Rename(rf"{side}\.conv1\.", f"{side}.layers.0."))
        renames.append(Rename(rf"{side}\.snake1\.", f"{side}.layers.{stages + 1}."))
        renames.append(Rename(rf"{side}\.conv2\.", f"{side}.layers.{stages + 2}."))
    name = f"AutoencoderOobleck of diffusers, {stages} stages"
    return Layout(name, tuple(renames), marker=r"encoder\.block\.0\.res_unit1\.")


LAYOUTS = tuple(_layout(stages) for stages in STAGES)
