"""Sounds come in whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.studio import RATE, Client, settings, tone, wav

from narrows.studio.services import Studio
from narrows.studio.settings import named

BROKEN = {
    "empty": b"",
    "text": b"this is no sound" * 100,
    "header only": wav()[:44],
    "half a header": wav()[:20],
    "no finite samples": wav()[:58] + b"\xff\xff\xff\x7f" * 100,
    "another format": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a", "../../a.wav", "a.exe"])
def test_broken_files_are_refused_with_a_reason(client: Client, content: bytes, name: str) -> None:
    before = client.get("/api/sounds").json()
    answer = client.post("/api/sounds", params={"name": name}, content=content)
    assert answer.status_code == 422
    assert str(client.studio.settings.data) not in answer.json()["error"]
    assert client.get("/api/sounds").json() == before
    assert not list(client.studio.settings.data.glob("incoming-*"))


def test_a_sound_that_is_too_long_is_refused(client: Client) -> None:
    answer = client.post("/api/sounds", content=wav(21, rate=1000))
    assert answer.status_code == 413
    assert "20 s" in answer.json()["error"]


def test_a_sound_comes_back_as_it_was_sent(client: Client) -> None:
    sound = client.upload(wav(channels=2), "../../etc/my tone.wav")
    assert sound["name"] == "my tone.wav"
    assert (sound["sample_rate"], sound["channels"], sound["samples"]) == (RATE, 2, RATE)
    content = client.get(f"/api/sounds/{sound['id']}/audio")
    audio, rate = soundfile.read(io.BytesIO(content.content))
    np.testing.assert_array_equal(audio, tone(channels=2).astype(np.float32))
    assert (rate, content.headers["content-type"]) == (RATE, "audio/wav")


def test_sounds_outlive_the_studio_and_can_be_forgotten(tmp_path: Path) -> None:
    with Client(Studio(settings(tmp_path, {}))) as first:
        kept, gone = first.upload(), first.upload()
        assert first.delete(f"/api/sounds/{gone['id']}").status_code == 204
        assert first.get(f"/api/sounds/{gone['id']}/audio").status_code == 404
    with Client(Studio(settings(tmp_path, {}))) as second:
        assert second.get("/api/sounds").json() == [kept]


def test_a_full_store_takes_no_more(tmp_path: Path) -> None:
    studio = Studio(settings(tmp_path, {}))
    object.__setattr__(studio.sounds.limits, "stored_bytes", 4 * RATE + 10)
    with Client(studio) as client:
        client.upload()
        assert client.post("/api/sounds", content=wav()).status_code == 429


def test_models_are_named_by_what_tells_them_apart(tmp_path: Path) -> None:
    paths = [tmp_path / "one" / "model", tmp_path / "two" / "model", tmp_path / "vae"]
    assert list(named(paths)) == ["one/model", "two/model", "vae"]
