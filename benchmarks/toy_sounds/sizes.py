"""How much of everything: the whole experiment, and a short form that shows only that all of it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

BUDGETS = ("codec", "base", "few_step", "adapter")
"""Stages with a budget of their own."""


@dataclass(frozen=True)
class Sizes:
    """Numbers of sounds, processor seconds of trainings, and what is different from the examples."""

    train: int = 1600
    """Sounds to train on, a tenth of which is held out."""
    taught: int = 100
    """Originals of each class that the judge learns from."""
    validation: int = 48
    """Sounds by which guidance is chosen."""
    test: int = 96
    new: int = 60
    """Sounds of the new class to train an adapter on."""
    steps: int = 16
    """Of the sampler."""
    scales: tuple[float, ...] = (1.0, 2.0, 3.0)
    """Guidance to choose from."""
    codec: float = 800.0
    """Processor seconds of training, here and below, scaled by `--budget`."""
    base: float = 2400.0
    few_step: float = 1200.0
    adapter: float = 400.0
    codec_words: tuple[str, ...] = ()
    base_words: tuple[str, ...] = ()
    base_steps: int | None = None
    """Of the base and of the reference, in place of those that the seconds are for."""

    @property
    def budget(self) -> float:
        """Processor seconds of codec and base together."""
        return self.codec + self.base

    def scaled(self, budget: float) -> Sizes:
        """The same with another budget of codec and base; the others in proportion."""
        factor = budget / self.budget
        return replace(self, **{name: getattr(self, name) * factor for name in BUDGETS})


SHORT = Sizes(
    train=48,
    taught=4,
    validation=9,
    test=9,
    new=8,
    steps=2,
    scales=(1.0, 2.0),
    codec=1e-3,
    base=1e-3,
    few_step=1e-3,
    adapter=1e-3,
    codec_words=("batch_size=2", "model.encoder.config.n_filters=8", "model.decoder.config.n_filters=8"),
    base_words=("batch_size=4", "model.diffusion.config.depth=2"),
)
