"""Lightning checkpoints of the training wrappers of stable-audio-tools (training/{autoencoders,diffusion,lm}.py).

A wrapper holds the model under its own name, the moving average as `<name>_ema.ema_model` (class EMA of ema-pytorch),
and losses and discriminators besides. The wrapper of conditional and unconditional diffusion averages only the
network, `<name>.model`; the modules around it (conditioners, pretransform) is always raw.
"""

from __future__ import annotations

import re

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

TRAINING_ONLY = (
    Drop(r"discriminator\.", "discriminator, only needed to train"),
    Drop(r"teacher_model\.", "teacher, only needed to train"),
    Drop(r"(sdstft|lrstft|mrmel|hubert|losses|losses_gen|losses_disc|eval_losses)\.", "loss, only needed to train"),
)
COUNTERS = r"(initted|step|online_model\.)"


def wrapper(name: str, averaged: str = "") -> tuple[Layout, Layout]:
    """The layouts of a wrapper that holds the model as `name` and averages its part `averaged`."""
    program = f"stable-audio-tools wrapper ({name})"
    average = rf"{name}_ema\.ema_model\."
    counters = Drop(rf"{name}_ema\.{COUNTERS}", "state of the moving average, only needed to train")
    raw = Drop(re.escape(f"{name}.{averaged}"), "raw weights; their moving average is used")
    return (
        Layout(
            program,
            renames=(Rename(average, averaged), Rename(rf"{name}\.", "")),
            drops=(counters, raw, *TRAINING_ONLY),
            marker=average,
            weights="ema",
        ),
        Layout(
            program,
            renames=(Rename(rf"{name}\.", ""),),
            drops=(Drop(average, "moving average; the raw weights are used"), counters, *TRAINING_ONLY),
            marker=rf"{name}\.",
        ),
    )


LAYOUTS = (*wrapper("autoencoder"), *wrapper("diffusion", averaged="model."), *wrapper("diffae"), *wrapper("model"))
