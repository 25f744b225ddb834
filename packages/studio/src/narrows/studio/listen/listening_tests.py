"""Listening tests and their sessions: folders that outlive the studio.

`TEST/test.json` says what is judged, `TEST/sounds/` holds the sounds, `TEST/sessions/` a JSON for every listener. What
would tell versions apart leaves this module only when a session is over.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile
from torch import Tensor

from narrows.audio import write_audio
from narrows.configs import StudioAnswer
from narrows.configs.files import atomic_file
from narrows.studio.documents import documents
from narrows.studio.errors import ConflictError, NotThereError, StudioError
from narrows.studio.listen.anchors import ANCHORS, anchor
from narrows.studio.listen.plans import CHOICES, QUESTIONS, REFERENCE, REPEATS, rated, trials_of
from narrows.studio.listen.stimuli import aligned, disguised
from narrows.studio.sounds.store import new_id

Heard = tuple[Tensor, int]
"""Audio `(C, T)` and its rate in Hz."""


@dataclass(frozen=True)
class TestItem:
    """A clip and versions of it."""

    __test__ = False  # no test of pytest

    name: str
    reference: Heard
    versions: dict[str, Heard]


class ListeningTests:
    """Makes and keeps tests and sessions.

    Args:
        folder: of the tests.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        tests = documents(folder, "*/test.json", ("id", "created"))
        self._tests = {path.parent.name: document for path, document in tests}
        sessions = documents(folder, "*/sessions/*.json", ("test", "trials"))
        self._sessions = {path.stem: document for path, document in sessions}

    def make(
        self,
        name: str,
        kind: str,
        items: Sequence[TestItem],
        *,
        trials: int | None = None,
        seed: int | None = None,
        level_match: bool = True,
    ) -> dict[str, Any]:
        """Make a test; its sounds are copied.

        Args:
            name: shown to listeners.
            kind: `abx`, `mushra` or `preference`.
            items: clips and their versions.
            trials: of each version or pair; None for the usual number.
            seed: of orders and assignments, which who knows it can work out; None for a secret one.
            level_match: bring versions to the loudness of their reference.

        Raises:
            StudioError: a name is taken by the reference or an anchor, or twice.
        """
        for item in items:
            if taken := set(item.versions) & {REFERENCE, *ANCHORS}:
                raise StudioError(f"A version may not be called {taken.pop()!r}: rename it")
        identity, notes = new_id(), list[str]()
        place = self.folder / identity
        listed = []
        for number, item in enumerate(items):
            sounds = aligned(item.reference, item.versions, level_match)
            if kind == "mushra":
                notes += _add_anchors(sounds, item)
            files = {version: f"{number:03d}-{index:02d}.wav" for index, version in enumerate(sounds)}
            for version, audio in sounds.items():
                write_audio(place / "sounds" / files[version], audio, item.reference[1], "FLOAT")
            listed.append({"name": item.name, "files": files})
        repeats = trials or REPEATS[kind]
        document = {"id": identity, "name": name, "kind": kind, "created": time.time()}
        document |= {
            "seed": new_id() if seed is None else seed,
            "secret": new_id(),
            "repeats": repeats,
            "notes": list(dict.fromkeys(notes)),
            "items": listed,
        }
        _write(place / "test.json", document)
        with self._lock:
            self._tests[identity] = document
        return self.test(identity)

    def test(self, identity: str) -> dict[str, Any]:
        """A test as `StudioListeningTest`."""
        document = self._test(identity)
        sessions = self.sessions(identity)
        names = {version for item in document["items"] for version in item["files"]} - {REFERENCE, *ANCHORS}
        shown = {key: document[key] for key in ("id", "name", "kind", "created", "notes")}
        return {
            **shown,
            "trials": len(_plan(document, "")),
            "versions": sorted(names),
            "finished": sum(_finished(session) for session in sessions),
            "started": len(sessions),
        }

    def all(self) -> list[dict[str, Any]]:
        """All tests, newest first."""
        with self._lock:
            names = list(self._tests)
        return sorted((self.test(name) for name in names), key=lambda test: -float(test["created"]))

    def begin(self, test: str, listener: str) -> dict[str, Any]:
        """The session of a listener: the one that is not over, or a new one, as `StudioSession`."""
        document = self._test(test)
        with self._lock:
            own = [one for one in self.sessions(test) if one["listener"] == listener]
            for session in own:
                if not _finished(session):
                    return self.session(session["id"])
            seed = f"{document['seed']}/{listener}/{len(own)}"
            session = {"id": new_id(), "test": test, "listener": listener, "seed": seed, "started": time.time()}
            session["trials"] = _plan(document, seed)
            self._sessions[session["id"]] = session
            self._save(session)
        return self.session(session["id"])

    def session(self, identity: str) -> dict[str, Any]:
        """A session as `StudioSession`."""
        session = self._session(identity)
        test = self._test(session["test"])
        return {
            **{key: session[key] for key in ("id", "test", "listener")},
            **{key: test[key] for key in ("name", "kind")},
            "trials": len(session["trials"]),
            "answered": _answered(session),
            "finished": _finished(session),
        }

    def sessions(self, test: str) -> list[dict[str, Any]]:
        """The sessions of a test, oldest first, with all that is in them."""
        with self._lock:
            found = [session for session in self._sessions.values() if session["test"] == test]
        return sorted(found, key=lambda session: session["started"])

    def trial(self, identity: str, index: int) -> dict[str, Any]:
        """A trial as `StudioTrial`."""
        session = self._session(identity)
        kind, labels = self._test(session["test"])["kind"], list(self._trial(session, index)["labels"])
        shown = {"index": index, "question": QUESTIONS[kind], "labels": labels}
        return {**shown, "rated": rated(kind, labels), "choices": CHOICES[kind]}

    def sound(self, identity: str, index: int, label: str) -> bytes:
        """A WAV file that tells nothing but its sound."""
        session = self._session(identity)
        trial = self._trial(session, index)
        if label not in trial["labels"]:
            raise NotThereError(f"The trial has no sound {label[:20]!r}")
        test = self._test(session["test"])
        file = test["items"][trial["item"]]["files"][trial["labels"][label]]
        audio, rate = soundfile.read(self.folder / test["id"] / "sounds" / file, dtype="float64", always_2d=True)
        return disguised(audio, rate, f"{test.get('secret', '')}/{identity}/{index}/{label}")

    def answer(self, identity: str, index: int, answer: StudioAnswer) -> dict[str, Any]:
        """Take an answer, in the order of the trials, once.

        Raises:
            ConflictError: another trial is next.
            StudioError: the answer does not fit the question.
        """
        with self._lock:
            session = self._session(identity)
            trial, kind = self._trial(session, index), self._test(session["test"])["kind"]
            if index != _answered(session):
                raise ConflictError(f"The next trial is number {_answered(session)}, not {index}")
            _check(kind, trial, answer)
            trial["answer"] = {"choice": answer.choice, "ratings": dict(answer.ratings), "time": time.time()}
            self._save(session)
        return self.session(identity)

    def document(self, identity: str) -> dict[str, Any]:
        """All that is known of a test, for its results."""
        return self._test(identity)

    def _test(self, identity: str) -> dict[str, Any]:
        with self._lock:
            if identity not in self._tests:
                raise NotThereError(f"There is no test {identity[:64]}")
            return self._tests[identity]

    def _session(self, identity: str) -> dict[str, Any]:
        with self._lock:
            if identity not in self._sessions:
                raise NotThereError(f"There is no session {identity[:64]}")
            return self._sessions[identity]

    def _trial(self, session: dict[str, Any], index: int) -> dict[str, Any]:
        if not 0 <= index < len(session["trials"]):
            raise NotThereError(f"The session has {len(session['trials'])} trials")
        trial: dict[str, Any] = session["trials"][index]
        return trial

    def _save(self, session: dict[str, Any]) -> None:
        _write(self.folder / session["test"] / "sessions" / f"{session['id']}.json", session)


def finished(sessions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are over."""
    return [session for session in sessions if _finished(session)]


def _plan(test: dict[str, Any], seed: str) -> list[dict[str, Any]]:
    items = [[name for name in item["files"] if name != REFERENCE] for item in test["items"]]
    return trials_of(test["kind"], items, test["repeats"], seed)


def _add_anchors(sounds: dict[str, Tensor], item: TestItem) -> list[str]:
    """Put the anchors beside the versions of an item; notes of those that there is no room for."""
    notes = []
    for name, band in ANCHORS.items():
        made = anchor(sounds[REFERENCE], item.reference[1], band)
        if made is None:
            notes.append(f"The {name} is left out where the rate is {item.reference[1]} Hz: it would be the reference.")
        else:
            sounds[name] = made
    return notes


def _check(kind: str, trial: dict[str, Any], answer: StudioAnswer) -> None:
    wanted = set(rated(kind, list(trial["labels"])))
    if set(answer.ratings) != wanted:
        raise StudioError(f"Ratings are needed for {', '.join(sorted(wanted)) or 'nothing'}, and for no others")
    if kind == "mushra" and answer.choice is not None:
        raise StudioError("This test asks for ratings, not for a choice")
    if kind != "mushra" and answer.choice not in CHOICES[kind]:
        raise StudioError(f"The choice must be one of {', '.join(CHOICES[kind])}")


def _answered(session: dict[str, Any]) -> int:
    return sum("answer" in trial for trial in session["trials"])


def _finished(session: dict[str, Any]) -> bool:
    return _answered(session) == len(session["trials"])


def _write(path: Path, document: dict[str, Any]) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
