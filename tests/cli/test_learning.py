"""The experiment of docs/learning.md in its short form, and what it does with results."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def learning(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "learning"]:
        del sys.modules[name]


def learn(*words: str) -> str:
    command = [sys.executable, str(BENCHMARKS / "learn.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_short_form_trains_measures_and_goes_on(tmp_path: Path) -> None:
    words = ("vae", "--short", "--arms", "narrows", "--out", str(tmp_path))
    assert "| narrows | 1 | 4 |" in learn(*words)
    kept = (tmp_path / "vae.jsonl").read_text()
    row = json.loads(kept)
    assert row["checks"][-1]["mel_distance"] < row["checks"][0]["mel_distance"]
    assert (tmp_path / "vae.svg").read_text().startswith("<?xml")
    # A second run finds its results and trains nothing.
    learn(*words)
    assert (tmp_path / "vae.jsonl").read_text() == kept


@pytest.mark.slow
@pytest.mark.usefixtures("learning")
@pytest.mark.parametrize(
    ("name", "arm", "figure"),
    [
        ("quantizers", "dac_rvq revived", "perplexity_share"),
        ("recipes", "log-mel", "mel_distance"),
        ("recipes", "Muon", "mel_distance"),
        ("discriminator", "a batch each", "stft_distance"),
        ("presets", "dac_rvq, recipe", "perplexity_share"),
        ("presets", "vae, recipe with AdamW", "mel_distance"),
        ("presets_discriminator", "vae, recipe", "mel_distance"),
        ("codes", "simvq", "perplexity_share"),
        ("rates", "rvq 2", "entropy_bitrate"),
        ("rates", "vae 1e-3", "kl_bitrate"),
    ],
)
def test_a_step_of_every_study_is_measured(name: str, arm: str, figure: str) -> None:
    from learning.pieces import Budget, train_piece
    from learning.report import table, value_of
    from learning.sounds import load_sounds
    from learning.studies import load_study

    (row,) = train_piece(load_study(name), [arm], 0, Budget(1.0, steps=1), load_sounds(None, 16000, 2))
    assert row["steps"] == 1
    assert value_of(row, figure) > 0
    assert f"| {arm} | 1 | 1 |" in table([row])


@pytest.mark.usefixtures("learning")
def test_named_changes_stand_for_what_they_are() -> None:
    from learning.studies import Arm

    changes = Arm(changes=["a=1", "@recipe", "b=2"]).changes
    assert (changes[0], changes[-1]) == ("a=1", "b=2")
    assert "training.clip_grad_percentile=50" in changes
    with pytest.raises(ValueError, match="No changes are named recepi; there are recipe"):
        Arm(changes=["@recepi"])


@pytest.mark.slow
@pytest.mark.usefixtures("learning")
def test_every_arm_of_every_study_is_a_model_that_trains() -> None:
    from learning.contenders import Narrows
    from learning.studies import load_study, studies

    for name in studies():
        study = load_study(name)
        for arm, how in study.arms.items():
            config = study.document(arm)["model_config"]
            if how.trainer == "narrows":
                assert Narrows(config, seed=0).batches(0) in (1, 2), (name, arm)


@pytest.mark.slow
@pytest.mark.usefixtures("learning")
def test_a_schedule_ends_with_the_steps_of_the_budget() -> None:
    from learning.contenders import Narrows
    from learning.pieces import Budget, train_piece
    from learning.sounds import load_sounds
    from learning.studies import load_study

    study = load_study("presets")
    assert study.follows_steps("vae, recipe")
    assert not study.follows_steps("vae, reference")
    built: list[dict[str, Any]] = []
    init = Narrows.__init__

    def noted(self: Any, config: dict[str, Any], seed: int) -> None:
        built.append(config)
        init(self, config, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Narrows, "__init__", noted)
        row = train_piece(study, ["vae, recipe"], 0, Budget(4.0), load_sounds(None, 16000, 2))[0]
    first, second = (config["training"]["optimizer_configs"]["autoencoder"]["scheduler"] for config in built)
    assert first["config"]["schedulers"][1]["config"]["total_iters"] == 1000
    assert second["config"]["schedulers"][1]["config"]["total_iters"] == pytest.approx(row["steps"], rel=0.5)


@pytest.mark.usefixtures("learning")
def test_a_plot_of_rates_has_a_curve_for_each_type(tmp_path: Path) -> None:
    from learning.report import plot_rates

    def row(arm: str, **figures: float) -> dict[str, Any]:
        return {"arm": arm, "seed": 0, "checks": [{"seconds": 1.0, "mel_distance": 3.0, **figures}]}

    rows = [row(f"rvq {n}", entropy_bitrate=900.0 * n) for n in (1, 2)]
    rows += [row("vae 1e-3", kl_bitrate=500.0), row("tanh")]
    plot_rates(rows, tmp_path / "rates.svg")
    text = (tmp_path / "rates.svg").read_text()
    assert all(f"<!-- {name} -->" in text for name in ("rvq", "vae", "tanh"))


@pytest.mark.usefixtures("learning")
def test_batches_depend_on_seed_and_number_alone(tmp_path: Path) -> None:
    from learning.sounds import load_sounds

    first, second = (load_sounds(None, 16000, 2) for _ in range(2))
    assert first.batch(1, 5, 3, 4096).equal(second.batch(1, 5, 3, 4096))
    assert not first.batch(1, 5, 3, 4096).equal(first.batch(2, 5, 3, 4096))
    assert not first.batch(1, 5, 3, 4096).equal(first.batch(1, 6, 3, 4096))


@pytest.mark.usefixtures("learning")
def test_results_under_other_conditions_and_cut_off_lines_do_not_count(tmp_path: Path) -> None:
    from learning.results import Results

    path = tmp_path / "found" / "study.jsonl"
    short, long = (Results(path, {"budget": budget, "data": "toys"}) for budget in ("4 steps", "9 steps"))
    short.add([{"arm": "a", "seed": 0}])
    with path.open("a") as file:
        file.write('{"arm": "b", "se')
    assert short.missing(["a", "b"], 0) == ["b"]
    assert short.missing(["a"], 1) == ["a"]
    assert long.missing(["a", "b"], 0) == ["a", "b"]
    # The next result is a line of its own.
    short.add([{"arm": "b", "seed": 0}])
    assert short.missing(["a", "b"], 0) == []


@pytest.mark.usefixtures("learning")
def test_table_has_mean_and_spread_of_the_seeds_and_names_failures() -> None:
    from learning.report import table

    def row(arm: str, seed: int, **figures: Any) -> dict[str, Any]:
        return {"arm": arm, "seed": seed, "steps": 10, "ms_a_step": 5.0, "checks": [{"seconds": 1.0, **figures}]}

    rows = [row("a", 0, mel_distance=1.0), row("a", 1, mel_distance=2.0), row("b", 0) | {"error": "The loss is nan"}]
    text = table(rows)
    assert "| a | 2 | 10 (10 to 10) | 5 (5 to 5) | 1.500 (1.000 to 2.000) |" in text
    assert "| b | 1; seed 0: The loss is nan | 10 | 5 |  |" in text


@pytest.mark.slow
def test_time_of_a_step_in_its_short_form() -> None:
    command = [sys.executable, str(BENCHMARKS / "step_time.py"), "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "| narrows | " in done.stdout


@pytest.mark.long
def test_quality_of_latents_in_its_short_form(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "latent_quality.py"), str(tmp_path), "--short"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    assert "| noise | " in done.stdout
    found = json.loads((tmp_path / "latents.json").read_text())
    assert found["plain"]["codec"]["round trip"]["frechet"] > 0
    assert found["noise"]["model"]["steps"] == 2
    assert "noise" in (tmp_path / "latents.svg").read_text()
    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert "..." not in again.stdout
