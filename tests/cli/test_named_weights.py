"""`evaluate` with weights that the user names, which transformers made at random, and with Codec-SUPERB's keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support import tiny_encoders, tiny_lm
from support.command_matrix import run
from support.small_autoencoder import RATE, autoencoder
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    AutoTokenizer,
    ClapConfig,
    ClapModel,
)

from narrows.models import create_model_from_config, save_model
from narrows.pipelines.metrics.named_weights import ClapEmbedding, ClassDistance, clap_score, clap_texts

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
        ClapModel(ClapConfig(**CLAP)).eval().save_pretrained(folder / "clap")
    tiny_encoders.tokenizer(folder / "clap")
    with torch.random.fork_rng():
        torch.manual_seed(1)
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


PROMPTS = {"a": "a slow drum loop", "b": "bright piano"}


@pytest.fixture
def prompted(tmp_path: Path) -> Path:
    """Three sounds, two of which have a prompt."""
    folder = tmp_path / "prompted"
    folder.mkdir()
    for number, name in enumerate("abc"):
        noise = 0.2 * torch.randn(RATE, generator=torch.Generator().manual_seed(number))
        soundfile.write(folder / f"{name}.wav", noise.numpy(), RATE, subtype="FLOAT")
    for name, text in PROMPTS.items():
        (folder / f"{name}.json").write_text(json.dumps({"prompt": text, "bpm": 90}))
    return folder


@torch.no_grad()
def expected_score(weights: Path, sound: torch.Tensor, rate: int, text: str) -> float:
    """Cosine by transformers' own calls on the text, and our embedding of the sound, which tests of CLAP compare."""
    theirs = ClapModel.from_pretrained(weights / "clap").eval()
    tokens = AutoTokenizer.from_pretrained(weights / "clap")(
        text, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    )
    hidden = theirs.text_model(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]).pooler_output
    heard = ClapEmbedding(weights / "clap")(sound, rate).mean(0)
    return float(torch.nn.functional.cosine_similarity(heard, theirs.text_projection(hidden)[0], dim=0))


def test_reconstructions_are_scored_by_their_prompts(weights: Path, prompted: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_model(create_model_from_config(autoencoder(1)), tmp_path / "model")
    written = ["--json", str(tmp_path / "all.json"), "--save", str(tmp_path / "kept")]
    named = ["--clap", str(weights / "clap"), "--prompts", "prompt"]
    done = run(["evaluate", str(tmp_path / "model"), str(prompted), *named, *written])
    assert done.code == 0, done.error
    assert "clap_score" in done.out
    (figures,) = json.loads((tmp_path / "all.json").read_text())["models"].values()
    found = {Path(clip["file"]).stem: clip["metrics"]["clap_score"] for clip in figures["clips"]}
    assert found["c"] is None, "no text, no score"
    kept = [line.split(maxsplit=1)[1] for line in (tmp_path / "kept" / "pred.scp").read_text().splitlines()]
    for (name, text), path in zip(PROMPTS.items(), sorted(kept), strict=False):
        again = torch.from_numpy(soundfile.read(tmp_path / "kept" / path, dtype="float32", always_2d=True)[0].T)
        assert found[name] == pytest.approx(expected_score(weights, again, RATE, text), abs=2e-3)
    assert figures["total"]["clap_score"] == pytest.approx((found["a"] + found["b"]) / 2)


def test_sounds_of_language_models_are_scored_by_their_prompts(weights: Path, prompted: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    document = tiny_lm.config() | {"sample_rate": RATE, "sample_size": 256, "audio_channels": 1}
    save_model(create_model_from_config(document).eval(), tmp_path / "lm")
    named = ["--clap", str(weights / "clap"), "--prompts", "prompt", "--generate", "2"]
    done = run(["evaluate", str(tmp_path / "lm"), str(prompted), *named, "--json", str(tmp_path / "lm.json")])
    assert done.code == 0, done.error
    (figures,) = json.loads((tmp_path / "lm.json").read_text()).values()
    scores = {name: figures["total"][f"{name}/clap_score"] for name in ("data", "generated", "reconstructed")}
    assert len(set(scores.values())) == 3
    sounds = [torch.from_numpy(soundfile.read(prompted / f"{name}.wav", dtype="float32")[0])[None] for name in PROMPTS]
    wanted = [expected_score(weights, s, RATE, text) for s, text in zip(sounds, PROMPTS.values(), strict=True)]
    assert scores["data"] == pytest.approx(sum(wanted) / 2, abs=2e-3)


def test_prompts_need_weights_and_texts(weights: Path, prompted: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_model(create_model_from_config(autoencoder(1)), tmp_path / "model")
    command = ["evaluate", str(tmp_path / "model"), str(prompted), "--prompts"]
    assert "name them with --clap" in run([*command, "prompt"]).error
    assert "text under 'caption'" in run([*command, "caption", "--clap", str(weights / "clap")]).error
    rows = clap_texts(weights / "clap", PROMPTS)
    assert {name: row.shape for name, row in rows.items()} == {"a": (16,), "b": (16,)}
