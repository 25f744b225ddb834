"""Generations: each a folder with the outputs as `narrows generate` writes them, and a JSON of the request."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.audio import read_audio, write_audio
from narrows.configs import StudioGenerationRequest
from narrows.configs.files import atomic_file
from narrows.models.conditioners.base import AudioInput
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.generation.audio_conditions import MAPPINGS, map_request_audio
from narrows.pipelines.generation.prompt_files import FILES, Entry
from narrows.pipelines.generation.run import GenerationStep, Plan, Planned, make_plan, preview, run_plan
from narrows.studio.documents import documents
from narrows.studio.errors import NotThereError, StudioError, TooLargeError
from narrows.studio.generate.command_line import command_line
from narrows.studio.jobs.job import Job, Progress
from narrows.studio.models.shelf import ModelShelf
from narrows.studio.settings import Limits
from narrows.studio.sounds.store import SoundStore, new_id

PREVIEW = "preview.wav"
KEPT = 200
"""Generations without sounds, failed or cancelled, that are still known."""
SHARE = 0.25
"""Of the time at most, that previews take."""


class Generations:
    """Makes and keeps generations.

    Args:
        folder: of the generations.
        sounds: the store.
        models: the models.
        limits: what is too much.
        device: on which models are asked which of their conditions are sounds.
    """

    def __init__(self, folder: Path, sounds: SoundStore, models: ModelShelf, limits: Limits, device: str) -> None:
        self.folder, self.sounds, self.models, self.limits, self.device = folder, sounds, models, limits, device
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        found = documents(folder, "*/generation.json", ("id", "created"))
        self._known: dict[str, dict[str, Any]] = {document["id"]: document for _, document in found}

    def job(self, asked: StudioGenerationRequest) -> Job:
        """The job that makes a generation, which is in `all` from the start.

        Raises:
            NotThereError: there is no such model or sound.
            StudioError: something that is no sound is given for a condition that is one.
            TooLargeError: too many steps or seconds are asked for.
        """
        path = self.models.path(asked.model)
        request = _seeded(asked)
        asked = asked.model_copy(update={"request": asked.request.model_copy(update={"seed": request["seed"]})})
        self._check(request)
        files = self._with_files(request, asked.model)
        document = {
            "id": new_id(),
            "model": asked.model,
            "created": time.time(),
            "request": request,
            "count": asked.count,
            "command": command_line(str(path), files, asked.count),
            "previews": 0,
            "sounds": [],
        }
        identity = str(document["id"])
        with self._lock:
            silent = [other["id"] for other in self._known.values() if not other["sounds"]]
            for old in silent[: max(0, len(silent) - KEPT)]:
                del self._known[old]
            self._known[identity] = document
        title = _title(request, files)
        return Job("generation", f"{title} by {asked.model}", lambda p: self._make(identity, asked, p), identity)

    def get(self, identity: str) -> dict[str, Any]:
        """A generation as `StudioGeneration`.

        Raises:
            NotThereError: there is none.
        """
        with self._lock:
            if identity not in self._known:
                raise NotThereError(f"There is no generation {identity[:64]}")
            return dict(self._known[identity])

    def all(self) -> list[dict[str, Any]]:
        """All generations, newest first."""
        with self._lock:
            return sorted(map(dict, self._known.values()), key=lambda one: -float(one["created"]))

    def preview(self, identity: str) -> bytes | None:
        """The newest preview of a generation, as a WAV file; None where there is none.

        Raises:
            NotThereError: there is no such generation.
        """
        path = self.folder / str(self.get(identity)["id"]) / PREVIEW
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def _check(self, request: Mapping[str, Any]) -> None:
        for name in FILES:
            if request.get(name):
                self.sounds.get(request[name])
        if (request.get("steps") or 0) > self.limits.steps:
            raise TooLargeError(f"At most {self.limits.steps} steps are made")
        if (request.get("seconds") or 0) + (request.get("extend") or 0) > self.limits.seconds:
            raise TooLargeError(f"At most {self.limits.seconds:g} s are made")

    def _with_files(self, request: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The request with the files of sounds in place of their ids.

        Raises:
            NotThereError: there is no such sound.
            StudioError: something that is no sound is given for a condition that is one.
        """
        files = {field: str(self.sounds.path(request[field]).resolve()) for field in FILES if request.get(field)}
        named = {**request, **files}
        if not any(isinstance(named.get(field), Mapping) for field in MAPPINGS):
            return named
        # Only the model tells which conditions are sounds; on the first device it is loaded for the forms anyway.
        model = self.models.model(name, self.device)
        return (
            map_request_audio(model, named, self._file)
            if isinstance(model, DiffusionModel | AudioLanguageModel)
            else named
        )

    def _file(self, place: str, audio: AudioInput, value: Any) -> str:
        whole = audio.sources is not None and "." not in place
        if whole or not isinstance(value, str):
            wanted = "the id of a sound for each of its sources" if whole else "the id of a sound"
            raise StudioError(f"The condition {place!r} must be {wanted}, got {value!r}")
        return str(self.sounds.path(value).resolve())

    def _make(self, identity: str, asked: StudioGenerationRequest, progress: Progress) -> str:
        try:
            return self._made(identity, asked, progress)
        except BaseException:
            shutil.rmtree(self.folder / identity, ignore_errors=True)
            raise

    def _made(self, identity: str, asked: StudioGenerationRequest, progress: Progress) -> str:
        progress.tell(0, f"{asked.model} is loaded")
        model = self.models.model(asked.model, progress.device)
        plan = self._plan(model, identity, asked)
        run_plan(
            model,
            plan,
            told=lambda output: progress.check(),
            on_step=_Steps(self, identity, model, plan, progress, asked.preview),
        )
        self._change(identity, sounds=[vars(self._keep(output)) for output in plan.outputs])
        (self.folder / identity / PREVIEW).unlink(missing_ok=True)
        return identity

    def _plan(self, model: Any, identity: str, asked: StudioGenerationRequest) -> Plan:
        request = asked.request.model_dump(mode="json", exclude_unset=True)
        entry = Entry("The request", self._with_files(request, asked.model))
        plan = make_plan(model, [entry], self.folder / identity, defaults={}, count=asked.count)
        if plan.problems:
            raise StudioError("; ".join(problem.removeprefix("The request: ") for problem in plan.problems))
        if any(output.item.seconds > self.limits.seconds for output in plan.outputs):
            raise TooLargeError(f"At most {self.limits.seconds:g} s are made")
        taken = plan.outputs[0].item.request
        request |= {name: getattr(taken, name) for name in ("seconds", "seed")}
        path = str(self.models.path(asked.model))
        self._change(
            identity, request=request, command=command_line(path, self._with_files(request, asked.model), asked.count)
        )
        return plan

    def _keep(self, output: Planned) -> Any:
        audio, rate = read_audio(output.path)
        return self.sounds.add(output.path.name, audio, rate, "generation")

    def _change(self, identity: str, **values: Any) -> None:
        """Change what is known, and write it down once there are sounds."""
        with self._lock:
            document = self._known[identity] = {**self._known[identity], **values}
        if "sounds" in values:
            with atomic_file(self.folder / identity / "generation.json") as temporary:
                temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")

    def write_preview(self, identity: str, audio: Tensor, rate: int) -> None:
        """Put a preview in the place of the one before."""
        write_audio(self.folder / identity / PREVIEW, audio, rate, "FLOAT")
        self._change(identity, previews=self.get(identity)["previews"] + 1)


def _seeded(asked: StudioGenerationRequest) -> dict[str, Any]:
    """The fields of a request that are set, and a seed."""
    request = asked.request.model_dump(mode="json", exclude_unset=True)
    seed = request.get("seed")
    return {**request, "seed": secrets.randbelow(2**31) if seed is None else seed}


def _title(request: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    """What a request asks for, in words; of conditions that are sounds, their names."""
    if request.get("prompt"):
        return str(request["prompt"])
    given, paths = request.get("conditions") or {}, files.get("conditions") or {}
    said = [
        name if value != paths[name] else f"{name} {value}" for name, value in given.items() if value not in (None, {})
    ]
    return ", ".join(said) or "without a prompt"


class _Steps:
    """Tells progress of steps, and makes previews that take a share of the time at most."""

    def __init__(
        self, home: Generations, identity: str, model: Any, plan: Plan, progress: Progress, previews: bool
    ) -> None:
        self.home, self.identity, self.model, self.plan, self.progress = home, identity, model, plan, progress
        self.previews = previews and isinstance(model, DiffusionModel)
        self._batch, self._last, self._next = 0, 0, 0.0

    def __call__(self, step: GenerationStep) -> None:
        if step.done <= self._last:
            self._batch += 1
        self._last = step.done
        whole = step.count or step.done + 1
        done = (min(self._batch, len(self.plan.batches) - 1) + step.done / whole) / len(self.plan.batches)
        self.progress.tell(done, f"step {step.done}" + (f" of {step.count}" if step.count else ""))
        if self.previews and step.denoised is not None and time.monotonic() >= self._next and step.done < whole:
            self._preview(step.denoised[0])

    def _preview(self, denoised: Tensor) -> None:
        began = time.monotonic()
        audio = preview(self.model, self.plan.outputs[0].item, denoised)
        if bool(audio.isfinite().all()):
            self.home.write_preview(self.identity, audio, self.model.sample_rate)
        now = time.monotonic()
        self._next = now + (now - began) / SHARE
