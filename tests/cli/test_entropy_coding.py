"""Tokens coded by a language model come back bit for bit, in fewer bytes where the model knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from support.tiny_lm import CODEBOOK_SIZE, PATTERNS, build, codec, codes

from narrows.cli import main
from narrows.models import create_model_from_config, save_model
from narrows.models.codec import CodecFileError, CodecHeader, SourceFormat, codec_file, read_codec_file
from narrows.pipelines.codec_files import decode_file, encode_file
from narrows.pipelines.entropy_coding import EntropyError, check_language_model, coded, decoded

DEPTH = {"depth": {"dim": 16, "depth": 1, "dim_heads": 8}}
RATIO, RATE = 8, 800


def header_of(tokens: torch.Tensor, entropy: Any) -> CodecHeader:
    frames = len(tokens)
    source = SourceFormat(RATE, 1, frames * RATIO)
    shape = tuple(tokens.shape[1:])
    return CodecHeader(
        "0" * 64, RATE, 1, frames * RATIO, source, RATIO, frames, "tokens", shape, CODEBOOK_SIZE, entropy=entropy
    )


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("kind", ["plain", "depth", "end_token", "folded"])
def test_tokens_come_back(pattern: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "depth" and pattern not in {"parallel", "delay"}:
        pytest.skip("a depth transformer needs one token of every codebook a step")
    if kind == "end_token" and pattern in {"coarse_first", "musiclm"}:
        pytest.skip("these must know the length")
    monkeypatch.setattr("narrows.pipelines.entropy_coding.WINDOW", 7)
    monkeypatch.setattr("narrows.pipelines.entropy_coding.AT_ONCE", 2)
    options: dict[str, Any] = {"depth": DEPTH, "end_token": {"end_token": True}}.get(kind, {})
    lm = build(pattern=PATTERNS[pattern], **options)
    for frames in (1, 7, 33):
        tokens = codes(2 if kind == "folded" else 1, frames).permute(2, 0, 1)
        tokens = tokens if kind == "folded" else tokens[:, 0]
        payload, entropy = coded(lm, tokens)
        assert torch.equal(decoded(lm, header_of(tokens, entropy), payload, Path("x")), tokens)


def test_what_the_model_knows_takes_few_bytes() -> None:
    """Tokens that a model generates greedily cost next to nothing; the bytes are those of the cross-entropy."""
    lm = build("continuous_transformer", "delay")
    with torch.no_grad():
        for head in lm.lm.quantizer_heads:
            head.weight.mul_(0.3)
    likely = lm.generate_codes(200, temperature=0)[0].T
    random = codes(1, 200)[0].T
    for tokens in (likely, random):
        payload, _ = coded(lm, tokens)
        loss = lm.cross_entropy(tokens.T[None])
        nats = float(loss.sums.detach().sum())
        assert len(payload) * 8 == pytest.approx(nats / np.log(2), rel=0.02, abs=150)
    assert len(coded(lm, likely)[0]) < 0.25 * len(coded(lm, random)[0])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of a codec, a language model of it, and another one."""
    folder = tmp_path_factory.mktemp("models")
    lm = build()
    document = {"model_type": "autoencoder", "sample_rate": RATE, "audio_channels": 1, "model": codec()["config"]}
    model = create_model_from_config(document)
    model.load_state_dict(lm.pretransform.model.state_dict())
    other = build()
    with torch.no_grad():
        next(other.lm.parameters()).add_(0.1)
    named = {"codec": model, "lm": lm, "other": other}
    return {name: save_model(value.eval(), folder / name) for name, value in named.items()}


def test_encode_and_decode_with_a_language_model(
    models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = np.random.default_rng(0).normal(0, 0.2, 30001)
    soundfile.write(tmp_path / "a.wav", sound, 8000, subtype="FLOAT")
    plain, small = str(tmp_path / "plain"), str(tmp_path / "small")
    paths = {name: str(path) for name, path in models.items()}
    assert main(["encode", paths["codec"], str(tmp_path / "a.wav"), "-o", plain]) == 0
    assert main(["encode", paths["codec"], str(tmp_path / "a.wav"), "-o", small, "--entropy", paths["lm"]]) == 0
    assert "saved of" in capsys.readouterr().out
    for folder, options in ((plain, []), (small, ["--entropy", paths["lm"]])):
        out = ["-o", f"{folder}-out", *options]
        assert main(["decode", paths["codec"], f"{folder}/a.narrows", *out]) == 0
    one, other = (soundfile.read(f"{folder}-out/a.wav")[0] for folder in (plain, small))
    assert len(one) == 30001
    assert np.array_equal(one, other)
    with codec_file(Path(small) / "a.narrows") as opened:
        assert opened.header.payload_bytes == opened.header.entropy.bytes
    capsys.readouterr()
    for options, words in (([], "which must decode it: --entropy"), (["--entropy", paths["other"]], "this one is")):
        assert main(["decode", paths["codec"], f"{small}/a.narrows", "-o", str(tmp_path / "no"), *options]) == 1
        assert words in capsys.readouterr().err
    with pytest.raises(CodecFileError, match="--entropy MODEL"):
        read_codec_file(Path(small) / "a.narrows")


def test_other_probabilities_are_noticed(models: dict[str, Path]) -> None:
    """As on another kind of machine: the model has the right hash, and computes something else."""
    lm, tokens = build(), codes(1, 40)[0].T
    payload, entropy = coded(lm, tokens)
    header = header_of(tokens, entropy)
    hook = lm.lm.quantizer_heads[0].weight
    before = hook.detach().clone()
    with torch.no_grad():
        hook.mul_(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("narrows.pipelines.entropy_coding.model_hash", lambda _: entropy.model)
        with pytest.raises(CodecFileError, match="another kind of machine"):
            decoded(lm, header, payload, Path("x"))
    with torch.no_grad():
        hook.copy_(before)
    assert torch.equal(decoded(lm, header, payload, Path("x")), tokens)


def test_models_that_cannot_code_are_refused(models: dict[str, Path], tmp_path: Path) -> None:
    lm = build()
    for wrong, words in (
        (lm.pretransform.model, "codes no tokens"),
        (build(prepend=True), "needs conditions"),
    ):
        with pytest.raises(EntropyError, match=words):
            check_language_model(wrong, 4, CODEBOOK_SIZE)
    with pytest.raises(EntropyError, match="the codec has 5 of 16"):
        check_language_model(lm, 5, CODEBOOK_SIZE)
    soundfile.write(tmp_path / "a.wav", np.zeros(800), 8000)
    codec_model = lm.pretransform.model
    with pytest.raises(EntropyError, match="not latents"):
        encode_file(codec_model, tmp_path / "a.wav", tmp_path / "a.narrows", content="latents", entropy=lm)
    header = encode_file(codec_model, tmp_path / "a.wav", tmp_path / "a.narrows")
    assert decode_file(codec_model, tmp_path / "a.narrows", tmp_path / "b.wav", entropy=lm) == header
