"""Weights of `DacModel` of transformers: the Descript Audio Codec under names of its own.

They fit the same models as those of `dac`; weight normalisation is multiplied out there. There is one layout a number
of stages, as layers are numbered through in our modules.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout, Modules, Rename, renames_of

STAGES = range(1, 9)
UNIT = (("snake1", 0), ("conv1", 1), ("snake2", 2), ("conv2", 3))
"""Layers of a residual unit."""
QUANTIZERS = ("quantizer.quantizers", "bottleneck.quantizer.quantizers")
SIDES = {"encoder": "encoder.encoder.block", "decoder": "decoder.decoder.model"}


def modules(stages: int, codebooks: int = 0) -> Modules:
    """The names of all modules that have tensors, theirs and ours.

    Args:
        stages: of each side.
        codebooks: how many to list.
    """
    table = [pair for side in SIDES for stage in range(stages) for pair in _stage(side, stage)]
    for side, ours in SIDES.items():
        ends = (("conv1", 0), ("snake1", stages + 1), ("conv2", stages + 2))
        table += [(f"{side}.{theirs}", f"{ours}.{place}") for theirs, place in ends]
    theirs, ours = QUANTIZERS
    parts = ("in_proj", "out_proj", "codebook")
    return [*table, *((f"{theirs}.{k}.{part}", f"{ours}.{k}.{part}") for k in range(codebooks) for part in parts)]


def _stage(side: str, stage: int) -> list[tuple[str, str]]:
    """A stage: three residual units around its snake and its strided convolution."""
    inside, ours = f"{side}.block.{stage}.", f"{SIDES[side]}.{stage + 1}.block."
    first, snake, strided = (0, 3, 4) if side == "encoder" else (2, 0, 1)
    convolution = "conv1" if side == "encoder" else "conv_t1"
    units = [
        (f"{inside}res_unit{unit + 1}.{name}", f"{ours}{first + unit}.block.{place}")
        for unit in range(3)
        for name, place in UNIT
    ]
    return [*units, (f"{inside}snake1", f"{ours}{snake}"), (f"{inside}{convolution}", f"{ours}{strided}")]


def _layout(stages: int) -> Layout:
    quantizers = Rename(QUANTIZERS[0].replace(".", r"\.") + r"\.", QUANTIZERS[1] + ".")
    name = f"DAC of transformers, {stages} stages"
    last, beyond = (rf"encoder\.block\.{number}\.res_unit1\." for number in (stages - 1, stages))
    return Layout(name, (*renames_of(modules(stages)), quantizers), marker=last, absent=beyond)


LAYOUTS = tuple(_layout(stages) for stages in STAGES)
