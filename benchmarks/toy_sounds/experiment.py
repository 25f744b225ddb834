"""The stages of the experiment, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from narrows.models import load_model
from toy_sounds.codec import encode, round_trip, train_codec, write_new_class, write_sounds
from toy_sounds.examples import NEW, Example, examples
from toy_sounds.generation import best_scale, filled_in, generated, loaded
from toy_sounds.measures import Judge, figures
from toy_sounds.models import Trainings, with_neutral_class
from toy_sounds.sizes import Sizes
from toy_sounds.stages import stage

STAGES = ("codec", "base", "few_step", "adapter", "reference")
VALIDATION, TEST, AGAIN = 21, 22, 23
"""Seeds of the originals."""
FEW = (1, 2, 4)
"""Steps of few-step generation."""


@dataclass(frozen=True)
class Experiment:
    """Everything in one folder.

    Args:
        folder: of sounds, codec, runs and results; what is in it is not done again.
        sizes: how much.
        python: of an environment with stable-audio-tools; None leaves the comparison with it out.
    """

    folder: Path
    sizes: Sizes
    python: Path | None = None

    @cached_property
    def judge(self) -> Judge:
        """The classifier, trained once."""
        return Judge.of_file(self.folder / f"judge_{self.sizes.taught}.safetensors", self.sizes.taught)

    @property
    def test(self) -> tuple[Example, ...]:
        """What is asked for in the test."""
        return examples(self.sizes.test, TEST)

    def run(self, stages: Iterable[str], seeds: Iterable[int]) -> dict[str, Any]:
        """Do what is missing; gives the results of all stages, by name, those of a seed under `seed N`."""
        found: dict[str, Any] = {}
        codec = found["codec"] = self.codec()
        for seed in seeds:
            own = found[f"seed {seed}"] = {}
            for name in (name for name in STAGES if name in stages and name != "codec" and self._can(name)):
                own[name] = getattr(self, name)(seed, Path(codec["model"]), own)
        return found

    def codec(self) -> dict[str, Any]:
        """Sounds, codec, ceiling and latents; common to all seeds."""

        def work() -> Mapping[str, Any]:
            sounds, new = self.folder / "sounds", self.folder / "new_sounds"
            write_sounds(sounds, self.sizes.train)
            write_new_class(new, self.sizes.new)
            run = train_codec(self.folder, (sounds, new), self.sizes.codec, self.sizes.codec_words)
            codec = Path(run["model"])
            for split in ("train", "held_out"):
                encode(sounds, codec, self.folder / "latents" / split, split)
            encode(new, codec, self.folder / "latents" / "new", None)
            return {**run, "ceiling": self._ceiling(codec)}

        return stage(self.folder / "codec.json", self._settings("train", "new", "codec", "codec_words", "test"), work)

    def base(self, seed: int, codec: Path, _: Mapping[str, Any]) -> dict[str, Any]:
        """The base, its guidance, and the test."""

        def work() -> Mapping[str, Any]:
            run = self._trainings(seed, codec).base(self.sizes.base, self.sizes.base_steps)
            model = loaded(Path(run["model"]))
            wanted = examples(self.sizes.validation, VALIDATION)
            scale, tried = best_scale(model, self.judge, wanted, self.sizes.scales, self.sizes.steps)
            made = {"steps": self.sizes.steps, "cfg_scale": scale}
            return {
                **run,
                "parameters": sum(parameter.numel() for parameter in model.model.parameters()),
                "scale": scale,
                "validation": tried,
                "test": self._judged(generated(model, self.test, **made), self.test),
                "inpainting": self._judged(filled_in(model, self.test, **made), self.test),
                **self._few_steps(model, scale),
            }

        return stage(
            self._file(seed, "base"),
            self._settings("base", "base_steps", "base_words", "steps", "scales", "test"),
            work,
        )

    def few_step(self, seed: int, codec: Path, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """ARC, and the test in few steps without guidance."""

        def work() -> Mapping[str, Any]:
            base = Path(earlier["base"]["model"])
            run = self._trainings(seed, codec).few_step(base, self.sizes.few_step, max(2.0, earlier["base"]["scale"]))
            return {**run, **self._few_steps(loaded(Path(run["model"])), 1.0)}

        return stage(self._file(seed, "few_step"), self._settings("few_step", "base_words", "test"), work)

    def adapter(self, seed: int, codec: Path, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """An adapter for the new class, and what it does to the old ones."""

        def work() -> Mapping[str, Any]:
            base = with_neutral_class(Path(earlier["base"]["model"]), self.folder / f"seed={seed}" / "neutral")
            sounds, weight = self.folder / "latents" / "new", self.sizes.train / self.sizes.new
            run = self._trainings(seed, codec).adapter(base, sounds, weight, self.sizes.adapter)
            model = load_model(base, adapters=[run["model"]])
            new = examples(max(2, self.sizes.test // 4), TEST, (NEW,))
            # Guidance of its own: that of the base was chosen for other classes, with three times as many sounds each.
            wanted = examples(max(2, self.sizes.validation // 4), VALIDATION, (NEW,))
            scale, tried = best_scale(model, self.judge, wanted, self.sizes.scales, self.sizes.steps)
            made = {"steps": self.sizes.steps, "cfg_scale": scale}
            return {
                **run,
                "scale": scale,
                "validation": tried,
                "new": self._judged(generated(model, new, **made), new),
                "old": self._judged(generated(model, self.test, **made), self.test),
            }

        return stage(self._file(seed, "adapter"), self._settings("adapter", "base_words", "test"), work)

    def reference(self, seed: int, codec: Path, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """The trainer of stable-audio-tools with the same codec, batches, steps and schedule, judged alike."""

        def work() -> Mapping[str, Any]:
            assert self.python is not None
            run = self._trainings(seed, codec).reference(self.sizes.base, self.python, self.sizes.base_steps)
            model = loaded(Path(run["model"]))
            wanted = examples(self.sizes.validation, VALIDATION)
            scale, tried = best_scale(model, self.judge, wanted, self.sizes.scales, self.sizes.steps)
            made = generated(model, self.test, steps=self.sizes.steps, cfg_scale=scale)
            return {**run, "scale": scale, "validation": tried, "test": self._judged(made, self.test)}

        return stage(
            self._file(seed, "reference"), self._settings("base", "base_steps", "base_words", "steps", "test"), work
        )

    def _can(self, name: str) -> bool:
        return name != "reference" or self.python is not None

    def _ceiling(self, codec: Path) -> dict[str, Any]:
        """Originals, other originals, and originals behind the codec."""
        new = examples(max(2, self.sizes.test // 4), TEST, (NEW,))
        others = examples(self.sizes.test, AGAIN)
        return {
            "originals": self._judged([one.audio for one in self.test], self.test),
            "other originals": self._judged([one.audio for one in others], others, self.test),
            "round trip": self._judged(round_trip(codec, self.test), self.test),
            "round trip of the new class": self._judged(round_trip(codec, new), new),
        }

    def _few_steps(self, model: Any, scale: float) -> dict[str, Any]:
        """The test in few steps, by their number."""
        made = {steps: generated(model, self.test, steps=steps, cfg_scale=scale) for steps in FEW}
        return {f"{steps} steps": self._judged(sounds, self.test) for steps, sounds in made.items()}

    def _judged(self, sounds: Any, wanted: Any, against: Any = None) -> dict[str, float]:
        return figures(self.judge, sounds, wanted, against)

    def _trainings(self, seed: int, codec: Path) -> Trainings:
        latents = self.folder / "latents"
        return Trainings(self.folder / f"seed={seed}", codec, latents, seed, self.sizes.base_words)

    def _file(self, seed: int, name: str) -> Path:
        return self.folder / f"seed={seed}" / f"{name}.json"

    def _settings(self, *names: str) -> dict[str, Any]:
        return {name: value for name, value in asdict(self.sizes).items() if name in names}
