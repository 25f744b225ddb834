"""Evaluations: figures are those of the clips, totals those of all, faults are found, bad files passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from support.training_cases import RATE, model_config, write_clips
from torch import Tensor

from narrows.models import create_model_from_config
from narrows.pipelines.codec_files import encode_file
from narrows.pipelines.evaluation import (
    Reconstruction,
    evaluate,
    evaluation_report,
    evaluation_table,
    reconstruct,
)
from narrows.pipelines.evaluation.figures import badness, measure
from narrows.pipelines.metrics import codebook_use, si_sdr
from narrows.pipelines.metrics.codebooks import CodeCounts
from narrows.pipelines.report import write_report

FSQ = {"type": "fsq", "config": {"levels": [5, 5, 5, 5]}}


def model(bottleneck: dict[str, Any] | None, seed: int = 0, **changes: Any) -> Any:
    torch.manual_seed(seed)
    return create_model_from_config({**model_config(bottleneck), **changes}).eval()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = write_clips(tmp_path / "clips", count=3)
    (folder / "broken.wav").write_text("no audio")
    return {path.name: path for path in sorted(folder.iterdir())}


def noise(seconds: float = 0.5) -> Tensor:
    return 0.1 * torch.randn(2, int(seconds * RATE), generator=torch.Generator().manual_seed(3))


def made(audio: Tensor) -> Reconstruction:
    return Reconstruction(audio, 1000, 800, 0.25, None, None)


def test_a_reconstruction_is_that_of_the_model_and_its_size_that_of_the_file(tmp_path: Path) -> None:
    audio, fsq = noise(), model(FSQ)
    got = reconstruct(fsq, audio, RATE)
    with torch.inference_mode():
        latents, info = fsq.encode_audio(audio[None], return_info=True)
        want = fsq.decode_audio(latents)[0]
    torch.testing.assert_close(got.audio, want, atol=1e-5, rtol=1e-4)
    assert got.tokens is not None
    assert torch.equal(got.tokens, fsq.bottleneck.tokens(info))
    soundfile.write(tmp_path / "in.wav", audio.T.numpy(), RATE, subtype="FLOAT")
    encode_file(fsq, tmp_path / "in.wav", tmp_path / "clip.narrows")
    assert got.file_bytes == (tmp_path / "clip.narrows").stat().st_size


def test_a_model_of_another_rate_gives_the_clip_its_length_back() -> None:
    got = reconstruct(model(None), noise()[:, :3001], 2 * RATE)
    assert got.audio.shape == (2, 3001)


def test_a_reconstruction_that_is_not_finite_is_refused() -> None:
    broken = model(None)
    with torch.no_grad():
        next(broken.decoder.parameters()).fill_(float("nan"))
    with pytest.raises(ValueError, match="not finite"):
        reconstruct(broken, noise(), RATE)


def test_each_fault_is_named() -> None:
    # A smooth sound: noise would hide a click.
    clean, plain = 0.1 * torch.sin(torch.arange(RATE) * 0.3).expand(2, -1), model(None)
    clicked, clipped = clean.clone(), (20 * clean).clamp(-1, 1)
    clicked[:, 2000] += 0.9
    assert measure("x", clean, made(clean.clone()), RATE, plain).faults == []
    assert measure("x", clean, made(clicked), RATE, plain).faults == ["clicks"]
    assert measure("x", clean, made(clean + 0.01), RATE, plain).faults == ["offset"]
    assert "clipping" in measure("x", clean, made(clipped), RATE, plain).faults


def test_a_delay_is_measured_and_taken_out() -> None:
    clean = noise()
    late = torch.roll(clean, 16, dims=-1)
    figures = measure("x", clean, made(late), RATE, model(None))
    assert figures.delay_ms == pytest.approx(2.0)
    assert figures.metrics["aligned_si_sdr"] > 60 > figures.metrics["si_sdr"]


def test_comb_lines_are_found_at_the_model_s_rate() -> None:
    """Compared at twice the model's rate, lines every 8 samples of the model are every 16 samples of the clip."""
    clean = 0.01 * torch.randn(2, 4 * RATE, generator=torch.Generator().manual_seed(0))
    hum = torch.zeros_like(clean)
    hum[:, ::16] = 0.05
    assert "comb lines" in measure("x", clean, made(clean + hum), 2 * RATE, model(None)).faults


def test_counts_of_clips_add_up_to_the_use_of_all() -> None:
    tokens = torch.randint(0, 7, (1, 3, 50), generator=torch.Generator().manual_seed(0))
    counts = CodeCounts(9)
    for part in tokens.split(11, dim=-1):
        counts.add(part)
    for got, want in zip(counts.use(), codebook_use(tokens, 9), strict=True):
        assert (got.size, got.used) == (want.size, want.used)
        assert got.perplexity == pytest.approx(want.perplexity)


def test_totals_bad_files_and_order(files: dict[str, Path]) -> None:
    fsq, told = model(FSQ), []
    result = evaluate({"mine": fsq}, files, worst=2, told=lambda name, reason: told.append((name, reason is None)))
    assert list(result.skipped) == ["broken.wav"]
    assert told == [("broken.wav", False), ("clip0.wav", True), ("clip1.wav", True), ("clip2.wav", True)]
    mine = result.models["mine"]
    distances = [clip.metrics["mel_distance"] for clip in mine.clips]
    assert distances == sorted(distances, reverse=True)
    assert [clip.name for clip in result.heard] == [clip.file for clip in mine.clips[:2]]
    assert mine.total["mel_distance"] == pytest.approx(np.mean(distances))
    seconds, size = sum(c.seconds for c in mine.clips), sum(c.file_bytes for c in mine.clips)
    assert mine.total["kbit_per_second"] == pytest.approx(8 * size / seconds / 1000)
    first = result.heard[0]
    wanted = si_sdr(first.original, first.reconstructions["mine"], RATE)
    assert mine.clips[0].metrics["si_sdr"] == pytest.approx(wanted, rel=1e-6)
    assert 1 <= mine.total["codebook_perplexity"] <= 625
    assert mine.total["frechet_distance"] > 0


def test_only_the_seconds_asked_for_are_read(files: dict[str, Path]) -> None:
    result = evaluate({"mine": model(None)}, files, seconds=0.25)
    assert {clip.seconds for clip in result.models["mine"].clips} == {0.25}
    assert result.heard == []


def test_models_are_compared_at_the_highest_rate_and_the_page_holds_all(files: dict[str, Path], tmp_path: Path) -> None:
    models = {"a": model(FSQ), "b": model(None, 1, sample_rate=2 * RATE)}
    result = evaluate(models, files, worst=1)
    assert result.sample_rate == 2 * RATE
    page = write_report(evaluation_report(result), tmp_path / "page.html").read_text()
    assert page.count("<audio ") == page.count("<img ") == 5
    assert "b, difference" in page
    assert "broken.wav" in page
    table = evaluation_table(result)
    assert table.count("clip2.wav") == 2
    json.dumps(result.as_dict(), allow_nan=False)


def test_silence_gives_figures_without_infinities(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE, 2)), RATE)
    result = evaluate({"mine": model(None)}, {"silent.wav": tmp_path / "silent.wav"})
    json.dumps(result.as_dict(), allow_nan=False)
    assert len(result.models["mine"].clips) == 1


def test_what_is_worse_counts_more() -> None:
    assert badness("si_sdr", 1.0) > badness("si_sdr", 2.0)
    assert badness("mel_distance", 2.0) > badness("mel_distance", 1.0)
    assert badness("loudness_difference", -3.0) > badness("loudness_difference", 2.0)
    assert badness("pesq", None) < badness("pesq", 4.6)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="No metric is called 'quality'"):
        evaluate({"mine": model(None)}, {}, rank_by="quality")


@pytest.mark.parametrize("level", [0.0, 0.3, 1e-6])
def test_a_silent_clip_is_left_out_of_ratios_and_counted(tmp_path: Path, level: float) -> None:
    folder = write_clips(tmp_path / "clips", count=3)
    without = {path.name: path for path in sorted(folder.iterdir())}
    soundfile.write(folder / "silence.wav", np.full((RATE, 2), level, np.float32), RATE, subtype="FLOAT")
    files = {path.name: path for path in sorted(folder.iterdir())}
    plain = model(None)
    before = evaluate({"m": plain}, without, rank_by="si_sdr").models["m"]
    evaluation = evaluate({"m": plain}, files, rank_by="si_sdr", worst=4)
    after = evaluation.models["m"]
    for name in ("si_sdr", "aligned_si_sdr", "stft_distance"):
        assert after.total[name] == pytest.approx(before.total[name])
        assert after.left_out[name] == 1
    assert after.clips[-1].file == "silence.wav", "it is not the worst by a metric that it does not have"
    assert "comb lines" not in after.clips[-1].faults
    assert "m: si_sdr leaves out 1 of 4 clips" in evaluation_table(evaluation)
    assert json.loads(json.dumps(evaluation.as_dict()))["models"]["m"]["left_out"]["si_sdr"] == 1
