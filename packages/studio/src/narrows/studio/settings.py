"""What a studio is given: models, folders, limits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What is refused."""

    upload_bytes: int = 200 * 1024**2
    """Largest file."""
    body_bytes: int = 1024**2
    """Largest JSON body."""
    seconds: float = 600.0
    """Longest sound."""
    stored_bytes: int = 20 * 1024**3
    """Sounds that are kept, together."""
    waiting: int = 32
    """Jobs that wait."""
    steps: int = 1000
    """Of a sampler."""


@dataclass(frozen=True)
class Settings:
    """How a studio is set up."""

    data: Path
    """Folder for all that the studio keeps."""
    models: Mapping[str, Path] = field(default_factory=dict)
    """Model folders or checkpoints by the name to show."""
    folders: tuple[Path, ...] = ()
    """Folders of audio that can be chosen from."""
    runs: tuple[Path, ...] = ()
    """Folders of training runs."""
    devices: tuple[str, ...] = ("cpu",)
    """Where models compute; one job at a time on each."""
    limits: Limits = field(default_factory=Limits)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """Who has it may do everything."""


def named(paths: list[Path]) -> dict[str, Path]:
    """Models by the shortest end of their paths that tells them apart."""
    names: dict[str, Path] = {}
    for path in paths:
        parts = path.resolve().parts
        length = next(
            (n for n in range(1, len(parts)) if sum(p.resolve().parts[-n:] == parts[-n:] for p in paths) == 1),
            len(parts),
        )
        names["/".join(parts[-max(length, 2 if parts[-1] == "model" else 1) :])] = path
    return names
