"""`evaluate` with weights that the user names, which transformers made at random, and with Codec-SUPERB's keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support.command_matrix import run
from support.small_autoencoder import RATE, autoencoder
from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification, ClapConfig, ClapModel

from narrows.models import create_model_from_config, save_model
from narrows.pipelines.metrics.named_weights import ClapEmbedding, ClassDistance, clap_score

CLAP: dict[str, Any] = {
    "projection_dim": 16,
    "audio_config": {
        **{"patch_embeds_hidden_size": 8, "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 1, 1]},
        **{"hidden_size": 64, "projection_dim": 16, "enable_fusion": False},
    },
    "text_config": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 16},
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ClapModel(ClapConfig(**CLAP)).save_pretrained(folder / "clap")
        small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 16}
        config = ASTConfig(**small, num_labels=5, max_length=64, num_mel_bins=32)
        ASTForAudioClassification(config).save_pretrained(folder / "ast")
        ASTFeatureExtractor(num_mel_bins=32, max_length=64).save_pretrained(folder / "ast")
    return folder


def test_equal_sounds_are_equal_to_named_networks(weights: Path) -> None:
    clip = 0.2 * torch.randn(1, 12 * 16000, generator=torch.Generator().manual_seed(0))
    clap, classes = ClapEmbedding(weights / "clap"), ClassDistance(weights / "ast")
    rows = clap(clip, 16000)
    assert rows.shape == (2, 16)
    torch.testing.assert_close(rows.norm(dim=-1), torch.ones(2))
    assert clap.similarity(clip, clip, 16000) == pytest.approx(1, abs=1e-5)
    assert clap.similarity(clip, clip.flip(-1) * torch.linspace(0, 1, clip.shape[-1]), 16000) < 1
    mean = rows.mean(0)
    assert clap_score(clap, clip, 16000, 3 * mean) == pytest.approx(1, abs=1e-5)
    assert clap_score(clap, clip, 16000, -mean) == pytest.approx(-1, abs=1e-5)
    assert classes(clip, clip, 16000) == pytest.approx(0, abs=1e-9)
    assert classes(clip, 0.01 * clip.cumsum(-1), 16000) > 0


def test_evaluate_measures_them(weights: Path, tmp_path: Path) -> None:
    for number, kind in enumerate(("Speech", "Music")):
        (tmp_path / kind).mkdir()
        noise = 0.2 * torch.randn(RATE, generator=torch.Generator().manual_seed(number))
        soundfile.write(tmp_path / kind / "clip.wav", noise.numpy(), RATE)
    torch.manual_seed(0)
    save_model(create_model_from_config(autoencoder(1)), tmp_path / "model")
    named = ["--clap", str(weights / "clap"), "--classifier", str(weights / "ast")]
    files = ["--json", str(tmp_path / "all.json"), "--codec-superb", str(tmp_path / "superb.json")]
    done = run(["evaluate", str(tmp_path / "model"), str(tmp_path / "Speech"), str(tmp_path / "Music"), *named, *files])
    assert done.code == 0, done.error
    (figures,) = json.loads((tmp_path / "all.json").read_text())["models"].values()
    assert -1 <= figures["total"]["clap_similarity"] <= 1
    assert figures["total"]["class_divergence"] >= 0
    superb = json.loads((tmp_path / "superb.json").read_text())
    assert set(superb) == {"Speech", "Music", "overall"}
    assert superb["overall"]["mel"] == pytest.approx(figures["total"]["mel_distance"])
    assert superb["overall"]["waveform"] > 0
    missing = run(["evaluate", str(tmp_path / "model"), str(tmp_path / "Speech"), "--clap", str(tmp_path / "none")])
    assert missing.code == 1
    assert "There are no weights at" in missing.error
