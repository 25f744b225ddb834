"""Comparisons: each a JSON of what models made of a sound; the sounds themselves are in the store."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.configs import StudioComparisonRequest, StudioVersionRequest
from narrows.configs.files import atomic_file
from narrows.models import Codec
from narrows.models.interfaces import ChannelPolicy
from narrows.pipelines.codebook_count import codebook_options
from narrows.pipelines.evaluation.figures import ClipFigures, finite, measure
from narrows.pipelines.evaluation.reconstruction import reconstruct
from narrows.pipelines.evaluation.table import clip_values
from narrows.studio.compare.levels import matching_gain
from narrows.studio.documents import documents
from narrows.studio.errors import NotThereError
from narrows.studio.jobs.job import Job, Progress
from narrows.studio.models.shelf import ModelShelf
from narrows.studio.sounds.store import SoundStore, new_id


class Comparisons:
    """Makes and keeps comparisons.

    Args:
        folder: of the comparisons.
        sounds: the store.
        models: the models.
    """

    def __init__(self, folder: Path, sounds: SoundStore, models: ModelShelf) -> None:
        self.folder, self.sounds, self.models = folder, sounds, models
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        found = documents(folder, "*.json", ("id", "created", "sound", "versions"))
        self._known: dict[str, dict[str, Any]] = {document["id"]: document for _, document in found}

    def job(self, request: StudioComparisonRequest) -> Job:
        """The job that makes a comparison.

        Raises:
            NotThereError: there is no such sound or model.
        """
        sound = self.sounds.get(request.sound)
        for version in request.versions:
            self.models.path(version.model)
        names = ", ".join(map(title, request.versions))
        return Job("comparison", f"{sound.name} by {names}", lambda progress: self._make(request, progress))

    def get(self, identity: str) -> dict[str, Any]:
        """A comparison as `StudioComparison`.

        Raises:
            NotThereError: there is none.
        """
        with self._lock:
            if identity not in self._known:
                raise NotThereError(f"There is no comparison {identity[:64]}")
            return self._known[identity]

    def all(self) -> list[dict[str, Any]]:
        """All comparisons, newest first."""
        with self._lock:
            return sorted(self._known.values(), key=lambda one: -float(one["created"]))

    def _make(self, request: StudioComparisonRequest, progress: Progress) -> str:
        sound = self.sounds.get(request.sound)
        audio, rate = self.sounds.read(request.sound)
        codecs = self._codecs(request.versions, progress)
        versions = []
        for number, (version, codec) in enumerate(zip(request.versions, codecs, strict=True)):
            progress.tell(number / len(codecs), f"{title(version)} encodes and decodes")
            versions.append(self._version(version, codec, audio, rate, request.seed, sound.name))
        progress.check()
        document = {"id": new_id(), "sound": vars(sound), "created": time.time(), "versions": versions}
        with atomic_file(self.folder / f"{document['id']}.json") as temporary:
            temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        with self._lock:
            self._known[str(document["id"])] = document
        return str(document["id"])

    def _codecs(self, versions: Sequence[StudioVersionRequest], progress: Progress) -> list[Codec]:
        """All codecs, so that what does not fit is said before anything is computed."""
        codecs = []
        for version in versions:
            progress.tell(0, f"{version.model} is loaded")
            codec = self.models.codec(version.model, progress.device)
            codebook_options(codec, version.n_quantizers)
            codecs.append(codec)
        return codecs

    def _version(
        self, version: StudioVersionRequest, codec: Codec, audio: Tensor, rate: int, seed: int, name: str
    ) -> dict[str, Any]:
        # Where its configuration would refuse, a model of fewer channels codes them one by one.
        refuses = len(audio) > codec.in_channels and codec.channel_policy in ("duplicate", "error")
        policy: ChannelPolicy | None = "fold" if refuses else None
        made = reconstruct(codec, audio, rate, seed=seed, n_quantizers=version.n_quantizers, channel_policy=policy)
        figures = measure(name, audio, made, rate, codec)
        kept = self.sounds.add(f"{name}, {title(version)}", made.audio, rate, "comparison")
        return {
            "name": title(version),
            "sound": vars(kept),
            "gain_db": matching_gain(audio, made.audio, rate),
            "metrics": _metrics(figures),
            "faults": figures.faults,
        }


def title(version: StudioVersionRequest) -> str:
    """How a version is called."""
    count = version.n_quantizers
    return version.model if count is None else f"{version.model}, {count} codebook{'s' if count > 1 else ''}"


def _metrics(figures: ClipFigures) -> dict[str, float | None]:
    return {name: finite(value) for name, value in clip_values(figures).items()}
