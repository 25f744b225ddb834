"""Two processes with half a batch each train what one process trains with the whole batch."""

from __future__ import annotations

import pytest
import torch
from support.processes import torchrun
from support.training_cases import experiment_config, model_config, write_clips

from narrows.models import load_model
from narrows.training import train
from narrows.training.checkpoints.files import checkpoint_path, read_checkpoint

RVQ = {"dim": 4, "codebook_size": 8, "num_quantizers": 2, "decay": 0.8}
DAC_RVQ = {"input_dim": 4, "codebook_size": 8, "codebook_dim": 2, "n_codebooks": 2, "revive_below": 0.5}
NOTHING_DRAWN = {"kmeans_init": False, "threshold_ema_dead_code": 0}
ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}


def experiment(clips, folder, quantizer, bottleneck=None, **settings):
    model = model_config(bottleneck or {"type": "rvq", "config": {**RVQ, **quantizer}}, warmup_steps=2)
    model["training"]["loss_configs"]["discriminator"] = ADVERSARY
    # Spectral convergence is a ratio over the whole batch, so halves of a batch do not add up to it.
    model["training"]["loss_configs"]["spectral"]["config"]["w_sc"] = 0.0
    optimizer = {"optimizer": {"type": "SGD", "config": {"lr": 1e-3}}}
    model["training"] |= {
        "learning_rate": None,
        "optimizer_configs": dict.fromkeys(("autoencoder", "discriminator"), optimizer),
    }
    return experiment_config(clips, folder, model, val_every=100, **settings)


def assert_close(one, folder):
    """A run's weights, average, discriminator and codebooks are those of the checkpoint of the same step elsewhere."""
    paths = one.checkpoint, checkpoint_path(folder, one.step)
    alone, together = (read_checkpoint(path)["state_dict"] for path in paths)
    assert list(alone) == list(together)
    assert any("codebook" in key for key in alone)
    for key, value in alone.items():
        torch.testing.assert_close(
            together[key], value, rtol=1e-4, atol=1e-5, msg=lambda text, key=key: f"{key}: {text}"
        )


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_two_processes_equal_one(clips, tmp_path):
    one = train(experiment(clips, tmp_path / "one", NOTHING_DRAWN, steps=4, batch_size=4), progress=False)
    torchrun(
        experiment(clips, tmp_path / "two", NOTHING_DRAWN, steps=4, batch_size=2, devices=2),
        tmp_path / "experiment.json",
    )
    assert_close(one, tmp_path / "two/run/checkpoints")


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_sharded_processes_equal_one_over_an_interruption(clips, tmp_path):
    """Weights, average, codebooks and optimizers of FSDP, stopped and resumed; then one process goes on from there."""
    quantizer = {**NOTHING_DRAWN, "codebook_dim": 2}  # its projections stay whole beside sharded weights
    momentum = {"optimizer": {"type": "SGD", "config": {"lr": 1e-3, "momentum": 0.9}}}

    def config(folder, **settings):
        made = experiment(clips, folder, quantizer, **settings)
        made["model_config"]["training"]["optimizer_configs"] = dict.fromkeys(
            ("autoencoder", "discriminator"), momentum
        )
        return made

    one = train(config(tmp_path / "one", steps=4, batch_size=4), progress=False)
    for steps in (2, 4):
        together = config(tmp_path / "two", steps=steps, batch_size=2, devices=2, strategy="fsdp")
        torchrun(together, tmp_path / "experiment.json")
    assert_close(one, tmp_path / "two/run/checkpoints")
    load_model(tmp_path / "two/run/model")
    alone = train(config(tmp_path / "two", steps=5, batch_size=4), progress=False)
    assert alone.step == 5


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
@pytest.mark.parametrize(
    "bottleneck",
    [
        None,
        {"type": "dac_rvq", "config": DAC_RVQ},
        {"type": "dac_rvq", "config": {**DAC_RVQ, "average_decay": 0.8}},
        {"type": "simvq", "config": {"dim": 4, "codebook_size": 8, "num_quantizers": 2, "revive_below": 0.5}},
    ],
    ids=["rvq", "dac_rvq", "dac_rvq of averages", "simvq"],
)
def test_quantizers_stay_in_step(tmp_path, bottleneck):
    """k-means, moving averages and dead codes: after every step all processes have the same codebooks, bit for bit.

    Half of the clips are shorter than a crop, and their padding counts in no codebook: each process brings another
    number of vectors.
    """
    clips = tmp_path / "clips"
    write_clips(clips / "long", 4)
    write_clips(clips / "short", 4, seconds=0.05)
    quantizer = {"kmeans_init": True, "threshold_ema_dead_code": 2}
    settings = {"steps": 50, "batch_size": 1, "devices": 2, "checkpoint_every": 100}
    config = experiment(clips, tmp_path, quantizer, bottleneck, **settings)
    torchrun(config, tmp_path / "experiment.json")
    hashes = [(tmp_path / f"hashes{rank}.txt").read_text().split() for rank in range(2)]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 50
    assert len(set(hashes[0])) > 40
