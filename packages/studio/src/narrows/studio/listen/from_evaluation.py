"""A listening test of the sounds that an evaluation wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from narrows.audio import read_audio
from narrows.pipelines.evaluation.saving import INDEX
from narrows.studio.errors import StudioError
from narrows.studio.listen.listening_tests import Heard, ListeningTests, TestItem
from narrows.studio.places import inside


def from_evaluation(folder: Path, kind: str, tests: ListeningTests) -> dict[str, Any]:
    """Make a test, as `StudioListeningTest`.

    Args:
        folder: of `narrows evaluate --save`.
        kind: `abx`, `mushra` or `preference`.
        tests: where it is kept.

    Raises:
        StudioError: the folder holds no sounds of an evaluation.
    """
    try:
        clips = json.loads((folder / INDEX).read_text(encoding="utf-8"))["clips"]
        items = [_item(folder, clip) for clip in clips]
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise StudioError(
            f"{folder} holds no sounds of an evaluation: write them with "
            f"`narrows evaluate MODEL FOLDER --save {folder}`"
        ) from error
    if not items:
        raise StudioError(f"{folder} holds no clips: none of the files could be evaluated")
    return tests.make(folder.resolve().name, kind, items)


def _item(folder: Path, clip: dict[str, Any]) -> TestItem:
    versions = {name: _read(folder, file) for name, file in clip["reconstructions"].items()}
    return TestItem(clip["name"], _read(folder, clip["original"]), versions)


def _read(folder: Path, file: str) -> Heard:
    return read_audio(inside(folder, file))
