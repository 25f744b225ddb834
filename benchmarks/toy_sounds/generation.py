"""Sounds of a trained model, and the guidance that is chosen for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.models import load_model
from narrows.models.inference import prepare_for_inference
from toy_sounds.examples import RATE, Example
from toy_sounds.measures import Judge, figures

HOLE = 0.5
"""Share of a sound, at its end, that is filled in."""


def loaded(folder: Path) -> Any:
    """A model made fast for use."""
    model = load_model(folder)
    prepare_for_inference(model)
    return model


def generated(model: Any, wanted: Sequence[Example], seed: int = 0, **options: Any) -> list[Tensor]:
    """A sound `(T,)` for each example, as `narrows generate` makes it.

    Args:
        model: of `loaded`.
        wanted: what to ask for.
        seed: of the first sound; it counts up.
        options: `steps`, `cfg_scale` and other fields of a request.
    """
    prompts = [one.conditions for one in wanted]
    made = model.generate(prompts, seed=seed, return_info=True, **options)
    return [audio[0] for audio in made.audio]


def filled_in(model: Any, wanted: Sequence[Example], **options: Any) -> list[Tensor]:
    """The originals with their second half made anew."""
    known = [(one.audio[None], RATE) for one in wanted]
    regions = [[(one.seconds * (1 - HOLE), one.seconds)] for one in wanted]
    return generated(model, wanted, inpaint=known, regions=regions, **options)


def best_scale(
    model: Any, judge: Judge, wanted: Sequence[Example], scales: Sequence[float], steps: int
) -> tuple[float, dict[str, dict[str, float]]]:
    """The guidance with the highest class accuracy, of equal ones that with the least Fréchet distance.

    Args:
        model: of `loaded`.
        judge: of classes.
        wanted: of the validation split, not of the test.
        scales: to choose from.
        steps: of the sampler.

    Returns:
        The scale, and the figures of each.
    """
    tried = {scale: figures(judge, generated(model, wanted, steps=steps, cfg_scale=scale), wanted) for scale in scales}
    best = max(scales, key=lambda scale: (tried[scale]["accuracy"], -tried[scale]["frechet"]))
    return best, {f"{scale:g}": found for scale, found in tried.items()}
