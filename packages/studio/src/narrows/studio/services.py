"""A studio: all that its pages and its API work with."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from narrows.studio.compare.comparisons import Comparisons
from narrows.studio.generate.generations import Generations
from narrows.studio.jobs.queue import JobQueue
from narrows.studio.listen.listening_tests import ListeningTests
from narrows.studio.models.description import describe
from narrows.studio.models.shelf import ModelShelf
from narrows.studio.settings import Settings
from narrows.studio.sounds.store import SoundStore
from narrows.studio.watch.runs import Runs


class Studio:
    """Holds the parts.

    Args:
        settings: how it is set up.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = ModelShelf(settings.models)
        self.sounds = SoundStore(settings.data / "sounds", settings.limits)
        self.comparisons = Comparisons(settings.data / "comparisons", self.sounds, self.models)
        self.generations = Generations(
            settings.data / "generations", self.sounds, self.models, settings.limits, settings.devices[0]
        )
        self.tests = ListeningTests(settings.data / "tests")
        self.runs = Runs(settings.runs)

    @cached_property
    def jobs(self) -> JobQueue:
        """The queue; its workers start with it."""
        return JobQueue(self.settings.devices, self.settings.limits.waiting)

    @cached_property
    def descriptions(self) -> list[dict[str, Any]]:
        """Every model as `StudioModel`; they are loaded for it."""
        first = self.settings.devices[0]
        return [describe(name, self.models.model(name, first)) for name in self.models.paths]

    def close(self) -> None:
        """Cancel what runs."""
        if "jobs" in self.__dict__:
            self.jobs.close()
