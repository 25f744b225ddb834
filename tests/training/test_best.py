"""The best checkpoint is that of the best validation, also over interruptions."""

import pytest
from support.training_cases import experiment_config, model_config

from narrows.models import load_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.best import Best
from narrows.training.checkpoints.files import read_checkpoint


def test_more_or_less_is_better_as_the_metric_says():
    distance, ratio = Best("mel_distance"), Best("si_sdr")
    assert [distance.improves(step, {"mel_distance": v}) for step, v in enumerate([1.0, 3.0, 2.0, 2.5, 1.9])] == [
        False,  # before the first step
        True,
        True,
        False,
        True,
    ]
    assert [ratio.improves(step, {"si_sdr": v}) for step, v in enumerate([-9.0, -8.0, 1.0, 0.0], 1)] == [
        True,
        True,
        True,
        False,
    ]
    assert (distance.step, ratio.step) == (4, 3)
    assert not ratio.improves(9, {"si_sdr": float("nan")})


def test_a_run_keeps_its_best_checkpoint(clips, tmp_path):
    config = experiment_config(clips, tmp_path, model_config({"type": "vae"}), val_every=1, best_metric="stft_distance")
    for steps in (3, 6):
        run = train({**config, "steps": steps}, progress=False)
    logged = [r for r in read_metrics(run.folder / "metrics.jsonl") if r["split"] == "val" and r["step"] > 0]
    best = min(logged, key=lambda record: record["stft_distance"])
    assert read_checkpoint(run.best)["step"] == best["step"]
    assert load_model(run.best).sample_rate == 8000


def test_an_unknown_metric_is_named_before_training(clips, tmp_path):
    config = experiment_config(clips, tmp_path, model_config({"type": "vae"}), best_metric="fad")
    with pytest.raises(ValueError, match=r"best_metric is 'fad', but validation measures only .*mel_distance"):
        train(config, progress=False)


def test_none_is_kept_on_request(clips, tmp_path):
    run = train(experiment_config(clips, tmp_path, model_config(None), steps=1, best_metric=None), progress=False)
    assert run.best is None
    assert not list(run.folder.glob("checkpoints/best*"))


def test_validation_shows_both_sides_of_a_switch(clips, tmp_path):
    model = model_config({"type": "vae"}, warmup_steps=2, encoder_freeze_on_warmup=True)
    run = train(experiment_config(clips, tmp_path, model, steps=4, val_every=100), progress=False)
    logged = [r for r in read_metrics(run.folder / "metrics.jsonl") if r["split"] == "val"]
    assert [record["step"] for record in logged] == [0, 2, 4]
    assert all({"kl", "active_dimensions"} <= record.keys() for record in logged)
