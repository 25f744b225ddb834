"""Evaluating language models: cross-entropy beside n-grams, token statistics, and generated sounds."""

from __future__ import annotations

import json
from math import log
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support.tiny_lm import config

from narrows.cli import main
from narrows.models import create_model_from_config, save_model
from narrows.models.finite import NotFiniteError
from narrows.pipelines.evaluation.language_models import (
    LMEvaluation,
    TokenStatistics,
    divergence,
    evaluate_language_model,
    token_statistics,
)
from narrows.pipelines.metrics.ngrams import KINDS

RATE, RATIO = 8000, 8


def model_of(conditional: bool = False) -> object:
    torch.manual_seed(0)
    document = config(prepend=conditional) | {"sample_rate": RATE, "sample_size": 256, "audio_channels": 1}
    return create_model_from_config(document).eval()


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for index in range(4):
        noise = np.random.default_rng(index).normal(0, 0.1 * (index + 1), 16000 + 100 * index)
        soundfile.write(folder / f"{index}.wav", noise, RATE, subtype="FLOAT")
    return folder


def test_figures_are_those_of_the_tokens(music: Path) -> None:
    model = model_of()
    files = {path.name: path for path in sorted(music.glob("*.wav"))}
    found = evaluate_language_model(model, files, seconds=1, generate=2, seed=5)
    codes = []
    for path in files.values():
        audio = torch.from_numpy(soundfile.read(path, dtype="float32")[0][:RATE])[None, None]
        codes.append(model.tokenize(audio))
    together = torch.cat([piece for code in codes for piece in code[..., :992].split(32, dim=-1)])
    rest = torch.cat([code[..., 992:] for code in codes])
    one, other = model.cross_entropy(together), model.cross_entropy(rest)
    expected = (one.sums + other.sums).detach() / (one.counts + other.counts)
    np.testing.assert_allclose(found.cross_entropy["model"], expected, rtol=1e-5)
    assert found.total["bits_per_second"] == pytest.approx(float(expected.sum()) / log(2) * RATE / RATIO)
    assert set(found.cross_entropy) == {"model", *KINDS}
    again = model.generate(seconds=[1, 1], seed=[5, 6], return_info=True)
    assert all(torch.equal(sound, audio) for (_, sound), audio in zip(found.sounds, again.audio, strict=True))
    assert found.divergence == divergence(again.codes, [code[0] for code in codes[:2]], model.codebook_size)
    assert {f"{name}/frechet_distance" for name in ("generated", "reconstructed")} <= found.total.keys()


@pytest.mark.parametrize(("weight", "words"), [(float("nan"), "^The weight "), (3e38, "not finite in torch")])
def test_a_model_that_says_nothing_has_no_figures(music: Path, weight: float, words: str) -> None:
    model = model_of()
    with torch.no_grad():
        model.lm.quantizer_heads[1].weight.fill_(weight)
    with pytest.raises(NotFiniteError, match=words):
        evaluate_language_model(model, {"0.wav": music / "0.wav"}, seconds=0.5, generate=0)


def test_a_surprise_too_large_for_a_perplexity_has_none() -> None:
    found = LMEvaluation(1.0, 1, {"model": [2.0, 5000.0]}, TokenStatistics([1.0], [1.0], [0.0])).total
    assert found["perplexity/1"] == pytest.approx(np.exp(2))
    assert "perplexity/2" not in found
    json.dumps(found, allow_nan=False)


def test_token_statistics() -> None:
    constant, alternating = torch.zeros(1, 50, dtype=torch.long), torch.arange(50)[None] % 2
    found = token_statistics([torch.cat([constant, alternating])], 4)
    assert found.perplexity == pytest.approx([1, 2])
    assert found.used == pytest.approx([0.25, 0.5])
    assert found.repeated == pytest.approx([1, 0])
    assert divergence([constant], [constant + 1], 4) == pytest.approx([1])
    assert divergence([alternating], [1 - alternating], 4) == pytest.approx([0])


def test_the_command(music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save_model(model_of(), tmp_path / "lm")
    out = ["--json", str(tmp_path / "figures.json"), "--html", str(tmp_path / "page.html")]
    assert main(["evaluate", str(folder), str(music), "--seconds", "0.5", "--generate", "1", *out]) == 0
    printed = capsys.readouterr().out
    figures = json.loads((tmp_path / "figures.json").read_text())[str(folder)]
    for name in ("cross_entropy", "cross_entropy/bigram", "perplexity/4", "generated/divergence", "data/tokens_used"):
        assert name in printed
        assert name in figures["total"]
    assert (tmp_path / "page.html").read_text().count("<audio") == 1


def test_conditions_are_read_beside_the_files(music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save_model(model_of(conditional=True), tmp_path / "lm")
    sound = tmp_path / "a.wav"
    sound.write_bytes((music / "0.wav").read_bytes())
    sound.with_suffix(".json").write_text('{"front": 3}')
    page = tmp_path / "page.html"
    command = ["evaluate", str(folder), str(sound), str(music / "1.wav"), "--generate", "4", "--html", str(page)]
    assert main([*command, "--seconds", "0.3"]) == 0
    assert "the model needs the conditions front" in capsys.readouterr().err
    text = page.read_text()
    assert "front 3, seed 0" in text
    assert text.count("<audio") == 1
    assert main(["evaluate", str(folder), str(music)]) == 1
    assert "None of the 4 files could be used" in capsys.readouterr().err


def test_codecs_and_language_models_are_not_compared(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lm = model_of()
    document = {"model_type": "autoencoder", "sample_rate": RATE, "model": config()["model"]["pretransform"]["config"]}
    codec = save_model(create_model_from_config(document), tmp_path / "codec")
    folder = save_model(lm, tmp_path / "lm")
    assert main(["evaluate", str(folder), str(music), "--against", str(codec)]) == 1
    assert "compared with codecs" in capsys.readouterr().err
