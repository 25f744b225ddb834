"""The plan of a training: which losses act and which parts are trained, from which step on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from narrows.training.trainers.autoencoder import AutoencoderTraining

UNHEARD = {"loss_adv", "feature_matching_loss"}
"""Losses that do not act while the discriminator is not listened to."""


def describe(training: AutoencoderTraining, steps: int) -> str:
    """The plan as text, with the parameters that are trained and those that are frozen."""
    counts = {True: 0, False: 0}
    for parameter in training.model.parameters():
        counts[parameter.requires_grad] += parameter.numel()
    text = [f"{counts[True]:,} parameters are trained, {counts[False]:,} are frozen."]
    switch = training.options.warmup_steps
    borders = [0, switch, steps] if 0 < switch < steps else [0, steps]
    for first, last in pairwise(borders):
        text.append(f"Steps {first + 1} to {last}:")
        text += [f"  {line}" for line in _acting(training, first)]
    return "\n".join(text)


def _acting(training: AutoencoderTraining, step: int) -> Iterator[str]:
    """What happens at a step, counted from 0."""
    adversary = training.adversary
    silent = UNHEARD if adversary is not None and not adversary.is_heard(step) else set()
    terms = ", ".join(f"{term.name} x {term.weight:g}" for term in training.losses.losses if term.name not in silent)
    frozen = ", encoder frozen" if training.freezes_encoder(step) else ""
    yield f"autoencoder{frozen}: {terms}"
    if adversary is not None:
        learns = "learns" if adversary.learns(step) else "waits"
        yield f"discriminator: {learns}{'' if adversary.is_heard(step) else ', unheard'}"
