"""The card and the `config.json` of a model folder: written, kept up to date, and never over a user's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.card import model_card
from narrows.models.hub import Address, HubError, address_of

SIDE = {"channels": 2, "c_mults": [1], "strides": [4], "latent_dim": 6}
CONFIG: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": 8000,
    "license": "CC BY-NC 4.0, ask me",
    "training_data": "Rain in three cities.",
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, **SIDE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, **SIDE}},
        "bottleneck": {"type": "fsq", "config": {"dim": 6, "levels": [3] * 6}},
        "latent_dim": 6,
        "downsampling_ratio": 4,
        "io_channels": 1,
    },
}


def test_a_folder_describes_its_model(tmp_path: Path) -> None:
    save_model(create_model_from_config(CONFIG), tmp_path / "codec")
    card = (tmp_path / "codec" / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: narrows\nlicense: other\npipeline_tag: audio-to-audio\n")
    for part in (
        "# codec",
        "| sample rate | 8,000 Hz |",
        "2000 frames a second",
        "CC BY-NC 4.0, ask me",
        "three cities",
    ):
        assert part in card
    described = json.loads((tmp_path / "codec" / "config.json").read_text())
    assert described == {
        **{"library_name": "narrows", "format_version": 1},
        **{"model_type": "autoencoder", "sample_rate": 8000, "audio_channels": 1},
    }
    assert load_model(tmp_path / "codec").sample_rate == 8000


def test_own_papers_follow_the_model_and_edited_ones_stay(tmp_path: Path) -> None:
    card, described = tmp_path / "README.md", tmp_path / "config.json"
    save_model(create_model_from_config(CONFIG), tmp_path)
    save_model(create_model_from_config(CONFIG | {"sample_rate": 16000}), tmp_path)
    assert "16,000 Hz" in card.read_text()
    assert json.loads(described.read_text())["sample_rate"] == 16000
    edited = card.read_text().replace("three cities", "four cities")
    card.write_text(edited)
    described.write_text('{"mine": 1}')
    save_model(create_model_from_config(CONFIG), tmp_path)
    assert (card.read_text(), described.read_text()) == (edited, '{"mine": 1}')
    card.write_bytes(b"\xff\xfe")
    save_model(create_model_from_config(CONFIG), tmp_path)
    assert card.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize(
    ("note", "identifier"), [("MIT", "mit"), ("cc-by-nc-4.0", "cc-by-nc-4.0"), ("ask me", "other"), (None, "unknown")]
)
def test_a_licence_is_named_as_hubs_do(note: str | None, identifier: str) -> None:
    facts = {"model_type": "autoencoder", "sample_rate": 8000, "parameters": 1}
    card = model_card("x", facts if note is None else facts | {"license": note}, {"si_sdr": 1.23456})
    assert f"\nlicense: {identifier}\n" in card
    assert "| si_sdr | 1.235 |" in card


def test_addresses() -> None:
    assert address_of("runs/model") is None
    assert address_of(Path("hf://a/b")) == address_of("hf://a/b") == Address("a/b")
    assert address_of("hf://a/b@refs/pr/1") == Address("a/b", "refs/pr/1")
    for wrong in ("hf://a", "hf://a/b/c", "hf://a/b@"):
        with pytest.raises(HubError, match="is no address"):
            address_of(wrong)
