"""Receptive fields: the inputs that an output depends on, so that pieces of a signal give the result of the whole."""

from narrows.models.receptive_field.arithmetic import (
    Obstacle,
    ReceptiveField,
    Recurrence,
    convolution,
    frames,
    obstacle,
    padding,
    pointwise,
    recurrent,
    transposed,
    unframes,
)
from narrows.models.receptive_field.modules import HasReceptiveField, chain, parallel, receptive_field
from narrows.models.receptive_field.structure import INPUT, LAYER, Chain, Sum, structure_of

__all__ = [
    "INPUT",
    "LAYER",
    "Chain",
    "HasReceptiveField",
    "Obstacle",
    "ReceptiveField",
    "Recurrence",
    "Sum",
    "chain",
    "convolution",
    "frames",
    "obstacle",
    "padding",
    "parallel",
    "pointwise",
    "receptive_field",
    "recurrent",
    "structure_of",
    "transposed",
    "unframes",
]
