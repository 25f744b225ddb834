"""Exported graphs give what the model gives, or are not kept."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnxruntime
import pytest
import torch
from support.chunkable_models import build, build_from, dac, oobleck, pair

from narrows.models.codec import model_hash
from narrows.models.export import ExportError, export_model, open_export
from narrows.models.export import folder as writing
from narrows.models.export.check import TOLERANCE, _difference, compare
from narrows.models.export.graphs import EncoderGraph, parts_of


def with_bottleneck(kind: str, document: dict[str, Any], width: int = 8, **options: Any) -> Any:
    document["encoder"]["config"] = {**document["encoder"]["config"], "latent_dim": width}
    document["bottleneck"] = {"type": kind, "config": options} if options else {"type": kind}
    return build_from(document)


@pytest.fixture(scope="module")
def fsq() -> Any:
    return with_bottleneck("fsq", oobleck(use_snake=True), levels=[5] * 8)


@pytest.fixture(scope="module")
def exported(fsq: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return export_model(fsq, tmp_path_factory.mktemp("onnx") / "out")


@pytest.mark.slow
def test_onnx_runs_at_other_lengths_and_batches(fsq: Any, exported: Any) -> None:
    opened = open_export(exported.folder)
    assert (opened.sample_rate, opened.downsampling_ratio) == (44100, 30)
    for batch, length in ((1, 3001), (5, 60), (2, 100)):
        audio = 0.3 * torch.randn(batch, 2, length, generator=torch.Generator().manual_seed(length))
        with torch.inference_mode():
            latents, info = fsq.encode_audio(audio, return_info=True)
            want = fsq.decode_audio(latents)
        tokens = opened.encode(audio)
        assert torch.equal(tokens, fsq.bottleneck.tokens(info))
        torch.testing.assert_close(opened.decode(tokens), want, atol=1e-4, rtol=0)
    with pytest.raises(ExportError, match="at least 2 frames"):
        opened.decode(torch.zeros(1, 1, 1, dtype=torch.int64))


@pytest.mark.slow
def test_the_graph_says_what_it_is(fsq: Any, exported: Any) -> None:
    encoder, decoder = exported.parts
    session = onnxruntime.InferenceSession(decoder.path)
    known = session.get_modelmeta().custom_metadata_map
    assert json.loads(known["narrows.config"])["model"]["bottleneck"]["type"] == "fsq"
    assert known["narrows.model"] == model_hash(fsq)
    assert (known["narrows.sample_rate"], known["narrows.downsampling_ratio"]) == ("44100", "30")
    assert known["narrows.codebook_size"] == str(5**8)
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.type, made.name) == ("tokens", "tensor(int64)", "audio")
    assert isinstance(given.shape[0], str)
    assert isinstance(given.shape[2], str)
    assert encoder.agreement.shapes == 10
    assert encoder.agreement.difference <= 1e-3
    assert decoder.agreement.difference <= 1e-4


PAIRS = ["oobleck", "dac", "dac_exact_length", "seanet_without_lstm", "taae", "local_attn", "patched"]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_pairs_can_be_traced(name: str, tmp_path: Path) -> None:
    model = build(name)
    report = export_model(model, tmp_path / "out", "torch")
    assert all(part.agreement.difference <= 1e-4 for part in report.parts)
    assert open_export(report.folder).metadata["downsampling_ratio"] == str(model.downsampling_ratio)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dac", "seanet_without_lstm"])
def test_pairs_run_in_onnxruntime(name: str, tmp_path: Path) -> None:
    report = export_model(build(name), tmp_path / "out")
    assert all(part.agreement.difference <= 1e-4 for part in report.parts)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_packages_are_compiled(tmp_path: Path) -> None:
    shape = {"channels": 2, "c_mults": [1], "strides": [2], "latent_dim": 2}
    document = pair("oobleck", {"in_channels": 2, **shape}, {"out_channels": 2, **shape}, 2)
    report = export_model(build_from({**document, "latent_dim": 2}), tmp_path / "out", "aotinductor")
    assert all(part.agreement.difference <= 1e-4 for part in report.parts)
    opened = open_export(report.folder)
    assert (opened.sample_rate, opened.metadata["part"]) == (44100, "encoder")


BOTTLENECKS = {
    "vae": (16, {}),
    "rvq": (8, {"dim": 8, "num_quantizers": 3, "codebook_size": 32}),
    "dac_rvq": (8, {"input_dim": 8, "n_codebooks": 3, "codebook_size": 32, "codebook_dim": 4}),
    "vector_quantize_pytorch": (8, {"quantizer": "ResidualFSQ", "dim": 8, "levels": [5, 5], "num_quantizers": 3}),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTTLENECKS)
def test_bottlenecks_are_part_of_the_graph(kind: str, tmp_path: Path) -> None:
    width, options = BOTTLENECKS[kind]
    model = with_bottleneck(kind, dac(), width, **options)
    report = export_model(model, tmp_path / "out", "torch")
    audio = 0.3 * torch.randn(1, 2, 900, generator=torch.Generator().manual_seed(0))
    got = open_export(report.folder).encode(audio)
    with torch.inference_mode():
        latents, info = model.encode(audio, return_info=True, **({"deterministic": True} if kind == "vae" else {}))
    if kind == "vae":
        torch.testing.assert_close(got, latents, atol=1e-4, rtol=0)
    else:
        assert torch.equal(got, model.bottleneck.tokens(info))


@pytest.mark.parametrize("quantizer", ["VectorQuantize", "SimVQ"])
def test_a_quantizer_that_cannot_be_exported_says_so(quantizer: str, tmp_path: Path) -> None:
    model = with_bottleneck("vector_quantize_pytorch", dac(), quantizer=quantizer, dim=8, codebook_size=8)
    with pytest.raises(ExportError, match=f"{quantizer} of vector-quantize-pytorch cannot be exported: export a model"):
        export_model(model, tmp_path / "out", "torch")


def test_a_graph_that_differs_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(part: Any, eager: Any, run: Any) -> Any:
        return compare(part, eager, lambda x: run(x) + 2e-4)

    monkeypatch.setattr(writing, "compare", off)
    with pytest.raises(ExportError, match="encoder's graph is not the model: largest difference"):
        export_model(build("oobleck"), tmp_path / "out", "torch")
    assert list(tmp_path.iterdir()) == []


def test_models_are_left_as_they_are() -> None:
    model = build("dac")
    before = model_hash(model)
    assert isinstance(parts_of(model)[0].graph, EncoderGraph)
    assert model_hash(model) == before
    assert any("parametrizations" in name for name, _ in model.named_parameters())


def noisy() -> Any:
    document = oobleck()
    document["decoder"]["config"] = {**document["decoder"]["config"], "latent_dim": 10}
    return with_bottleneck("fsq", document, levels=[5] * 8, noise_augment_dim=2)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: build("seanet"), "is an LSTM.*lstm: 0"),
        (noisy, "adds noise"),
    ],
    ids=["lstm", "noise"],
)
def test_what_cannot_be_exported_is_told(model: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=reason):
        export_model(model(), tmp_path / "out", "torch")
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExportError, match="No format is called 'tflite'"):
        export_model(build("oobleck"), tmp_path / "out", "tflite")
    with pytest.raises(ExportError, match="holds no exported model"):
        open_export(tmp_path)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    monkeypatch.setattr("narrows.models.export.formats.find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ExportError, match=r'onnxscript.*pip install "narrows-models\[onnx\]"'):
        export_model(build("oobleck"), tmp_path / "out", "onnx")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_never_counts_as_equal(value: float) -> None:
    part = SimpleNamespace(gives_tokens=False)
    broken, fine = torch.tensor([0.0, value]), torch.zeros(2)
    for got, want in ((broken, fine), (fine, broken), (broken, broken)):
        assert max(0.0, _difference(part, got, want)) > TOLERANCE  # type: ignore[arg-type]
