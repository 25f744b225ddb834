"""What the studio keeps: a damaged document is left out by name, and nothing else is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.studio import settings

from narrows.studio.services import Studio

PLACES = {
    "comparisons/a.json": {"id": "a", "created": 1.0, "sound": {}, "versions": []},
    "generations/a/generation.json": {"id": "a", "created": 1.0},
    "tests/a/test.json": {"id": "a", "created": 1.0},
}


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", "{}", "\x00", "[" * 100_000])
def test_a_damaged_document_is_left_out(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    studio = Studio(settings(tmp_path, {}))
    folders = {
        studio.comparisons.folder / "a.json": studio.comparisons.folder / "b.json",
        studio.generations.folder / "a/generation.json": studio.generations.folder / "b/generation.json",
        studio.tests.folder / "a/test.json": studio.tests.folder / "b/test.json",
    }
    for (good, bad), document in zip(folders.items(), PLACES.values(), strict=True):
        for path, text in ((good, json.dumps(document)), (bad, damage)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    again = Studio(settings(tmp_path, {}))
    assert list(again.comparisons._known) == list(again.generations._known) == list(again.tests._tests) == ["a"]
    assert caplog.text.count("is left out") == 3
    assert all(path.exists() for path in folders.values())
