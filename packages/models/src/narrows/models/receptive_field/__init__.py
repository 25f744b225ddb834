"""Receptive fields: which inputs an output depends on, so that pieces of a signal give exactly what the whole gives."""

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

__all__ = [
    "HasReceptiveField",
    "Obstacle",
    "ReceptiveField",
    "Recurrence",
    "chain",
    "convolution",
    "frames",
    "obstacle",
    "padding",
    "parallel",
    "pointwise",
    "receptive_field",
    "recurrent",
    "transposed",
    "unframes",
]
