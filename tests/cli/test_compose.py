"""Composing experiments: shipped groups, the user's file, overrides and their short names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from narrows.cli.compose import CONF, compose
from narrows.cli.main import UserError
from narrows.configs import check_config, load_config

ON_TOP = {"lm_small", "diffusion_quickstart"}
"""Presets of models on top of another one, which have tests of their own."""
MODELS = sorted(p.stem for p in (CONF / "model").glob("*.yaml") if "spectral" not in p.stem and p.stem not in ON_TOP)
SPECTRAL = sorted(p.stem for p in (CONF / "model").glob("spectral*.yaml"))
BOTTLENECKS = sorted(p.stem for p in (CONF / "model/bottleneck").glob("*.yaml"))


@pytest.mark.parametrize("bottleneck", BOTTLENECKS)
@pytest.mark.parametrize("model", MODELS)
def test_every_shipped_combination_is_valid(model: str, bottleneck: str) -> None:
    document = compose(None, [f"model={model}", f"model.bottleneck={bottleneck}"])
    experiment = load_config(document)
    assert experiment.model_config_.model.bottleneck.type == bottleneck


@pytest.mark.parametrize("data", [[], ["data=spectrogram", "data.audio.path=music"]])
@pytest.mark.parametrize("model", SPECTRAL)
def test_spectral_models_bring_their_training(model: str, data: list[str]) -> None:
    document = compose(None, [f"model={model}", *data])
    assert not check_config(document)
    experiment = load_config(document)
    assert experiment.model_config_.training.loss_configs.spectral.weights.stft_mse == 1
    if data:
        assert experiment.dataset_config.cac is experiment.model_config_.model.cac
        assert compose(None, [f"model={model}", *data, "model.stft.hop_length=256"])["dataset_config"]["stft"] == {
            "n_fft": 2048,
            "hop_length": 256,
        }


def test_short_names_stand_for_places_in_the_experiment() -> None:
    document = compose(
        None,
        ["batch_size=3", "model.latent_dim=8", "training.use_ema=false", "data.path=somewhere", "sample_rate=8000"],
    )
    assert document["batch_size"] == 3
    assert document["model_config"]["model"]["latent_dim"] == 8
    assert document["model_config"]["training"]["use_ema"] is False
    assert document["dataset_config"]["path"] == "somewhere"
    assert document["model_config"]["sample_rate"] == 8000


def test_widths_follow_the_latents() -> None:
    model = compose(None, ["model.latent_dim=8"])["model_config"]["model"]
    assert model["encoder"]["config"]["latent_dim"] == 16, "a variational encoder gives mean and scale"
    assert model["decoder"]["config"]["latent_dim"] == 8
    model = compose(None, ["model.latent_dim=8", "model.bottleneck=tanh"])["model_config"]["model"]
    assert model["encoder"]["config"]["latent_dim"] == 8


def test_a_users_file_may_choose_groups_and_is_overridden_by_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "defaults: [{model: oobleck_vae}, {training: quickstart}, {data: audio_dir}, _self_]\n"
        "experiment: train\nname: mine\nbatch_size: 2\ndataset_config: {path: music}\n"
    )
    document = compose(file, ["model.bottleneck=rvq", "batch_size=5"])
    assert document["name"] == "mine"
    assert document["batch_size"] == 5
    assert document["model_config"]["model"]["bottleneck"]["type"] == "rvq"
    assert load_config(document).dataset_config.path == "music"


def test_a_users_file_needs_no_groups(tmp_path: Path) -> None:
    document = compose(None, [])
    file = tmp_path / "whole.yaml"
    import yaml

    file.write_text(yaml.safe_dump(document))
    assert compose(file, []) == document
    assert compose(file, ["model=oobleck_vae"])["model_config"]["model"]["downsampling_ratio"] == 2048


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model=foo", "Unknown model: foo. Known: "),
        ("model.bottleneck=fsk", "Unknown model.bottleneck: fsk. Known: "),
        ("=3", "Cannot"),
        ("steps=[1", "Cannot compose the experiment"),
    ],
)
def test_an_override_that_makes_no_sense_is_the_users_error(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message.replace(".", r"\.")):
        compose(None, [override])


def test_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        compose(tmp_path / "absent.yaml", [])


def test_composing_and_validating_imports_no_torch() -> None:
    code = (
        "import sys; from narrows.cli.compose import compose as document;"
        "from narrows.configs import check_config, load_config;"
        "load_config(document(None, [])); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("named", [False, True])
def test_a_short_name_that_is_an_option_of_the_experiment_means_that_option(named: bool, tmp_path: Path) -> None:
    file = CONF / "pre_encode.yaml"
    if named:
        file = tmp_path / "mine.yaml"
        file.write_text("defaults: [pre_encode, _self_]\nprecision: 32-true\n")
    words = ["ckpt_path=m", "data.path=d", "output_path=o", "sample_size=8192"]
    document = compose(file, words)
    assert document["sample_size"] == 8192
    assert "model_config" not in document
    assert document["dataset_config"]["path"] == "d"
    # An experiment without that option keeps the short name.
    assert compose(None, ["sample_size=8192"])["model_config"]["sample_size"] == 8192
