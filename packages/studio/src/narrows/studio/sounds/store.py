"""The store of sounds: each a 32-bit float WAV and a JSON beside it, under an id."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from narrows.audio import AudioFileError, audio_info, read_audio, write_audio
from narrows.configs.files import atomic_file
from narrows.studio.errors import BusyError, NotThereError, StudioError, TooLargeError
from narrows.studio.settings import Limits

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
Origin = Literal["upload", "file", "comparison", "generation"]


@dataclass(frozen=True)
class Sound:
    """One sound, as the API shows it."""

    id: str
    name: str
    origin: Origin
    sample_rate: int
    channels: int
    samples: int
    seconds: float
    created: float


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_hex(8)


class SoundStore:
    """Keeps sounds in a folder.

    Args:
        folder: of the sounds.
        limits: what is too long or too much.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._sounds = {sound.id: sound for sound in map(_read, folder.glob("*.json")) if sound is not None}

    def add(self, name: str, audio: Tensor, sample_rate: int, origin: Origin) -> Sound:
        """Keep a sound `(C, T)`.

        Raises:
            BusyError: the folder is full.
        """
        if self.size() + 4 * audio.numel() > self.limits.stored_bytes:
            raise BusyError(f"{self.folder} is full: remove sounds, or start the studio with another --data")
        identity, (channels, samples) = new_id(), audio.shape
        sound = Sound(identity, name[:200], origin, sample_rate, channels, samples, samples / sample_rate, time.time())
        write_audio(self._path(identity), audio, sample_rate, "FLOAT")
        with atomic_file(self._path(identity).with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(asdict(sound), ensure_ascii=False), encoding="utf-8")
        with self._lock:
            self._sounds[identity] = sound
        return sound

    def take(self, path: Path, name: str, origin: Origin) -> Sound:
        """Keep the sound of an audio file.

        Raises:
            TooLargeError: it is too long.
            StudioError: it cannot be read.
        """
        try:
            info = audio_info(path)
            if info.frames / info.sample_rate > self.limits.seconds:
                raise TooLargeError(
                    f"{name} has {info.frames / info.sample_rate:.0f} s: at most {self.limits.seconds:g} s are taken"
                )
            audio, rate = read_audio(path, frames=round(self.limits.seconds * info.sample_rate))
        except AudioFileError as error:
            raise StudioError(f"{name} {error.reason}") from error
        if not audio.shape[-1]:
            raise StudioError(f"{name} holds no samples")
        return self.add(name, audio, rate, origin)

    def get(self, identity: str) -> Sound:
        """The sound of an id.

        Raises:
            NotThereError: there is none.
        """
        with self._lock:
            if identity not in self._sounds:
                raise NotThereError(f"There is no sound {identity[:64]}")
            return self._sounds[identity]

    def path(self, identity: str) -> Path:
        """Its WAV file."""
        return self._path(self.get(identity).id)

    def read(self, identity: str) -> tuple[Tensor, int]:
        """Its audio `(C, T)` and rate."""
        return read_audio(self.path(identity))

    def all(self) -> list[Sound]:
        """All sounds, newest first."""
        with self._lock:
            return sorted(self._sounds.values(), key=lambda sound: -sound.created)

    def remove(self, identity: str) -> None:
        """Forget a sound; comparisons and tests keep what they hold."""
        path = self.path(identity)
        with self._lock:
            self._sounds.pop(identity, None)
        path.with_suffix(".json").unlink(missing_ok=True)
        path.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes of all sounds."""
        with self._lock:
            return sum(4 * sound.channels * sound.samples for sound in self._sounds.values())

    def _path(self, identity: str) -> Path:
        return self.folder / f"{identity}.wav"


def _read(path: Path) -> Sound | None:
    try:
        sound = Sound(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return sound if ID.fullmatch(sound.id) and path.with_suffix(".wav").is_file() else None
