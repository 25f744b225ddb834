"""The whole Hydra tree of EulerAudioBackbone becomes one experiment file, without importing or running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from narrows.configs import ConfigError, load_config
from narrows.configs.migrate import migrate

BASE = "ar_spectra.models"
FILES = {
    "config.yaml": """
        defaults: [{data: data}, {model: real}, {trainer: trainer}, _self_]
        data: {train_dataloader: {batch_size: 6}}
        hydra: {run: {dir: "runs/${now:%Y}"}}
    """,
    "data/data.yaml": """
        train_dataset:
          _target_: ar_spectra.dataset.OnTheFlySTFTDataset
          audio_dir: music
          target_frames: 65
          sample_rate: 16000
          n_fft: 64
          hop_length: 16
          win_length: ${.n_fft}
          center: true
          extensions: [".MP3", wav]
          stereo: true
          cac: true
          max_pad_ratio: 0.5
          custom_metadata_module: somebody.fma
        eval_dataset:
          _target_: ar_spectra.dataset.OnTheFlySTFTDataset
          audio_dir: ${data.train_dataset.audio_dir}
          sample_rate: 16000
          n_fft: 64
          hop_length: 16
          full_waveform: true
        train_dataloader: {batch_size: 128, num_workers: 3}
        audio_channels: 2
        model_channels: 4
    """,
    "model/real.yaml": f"""
        model:
          autoencoder: {{pre_transform: {{type: power_norm, apply_target: true, config: {{alpha: 0.65}}}}}}
          encoder:
            _target_: {BASE}.autoencoders.SeaNET_AE.SEANetEncoder2d
            input_size: ${{data.model_channels}}
            dimension: 16
            n_filters: 4
            ratios: [[2, 2]]
            latent_fbins: 16
            seq_model: none
          decoder:
            _target_: {BASE}.autoencoders.SeaNET_AE.SEANetDecoder2d
            channels: 4
            input_size: 8
            n_filters: ${{model.model.encoder.n_filters}}
            ratios: ${{model.encoder.ratios}}
            latent_fbins: 16
            seq_model: none
          bottleneck: {{_target_: {BASE}.bottlenecks.VAEBottleneck}}
    """,
    "model/complex.yaml": f"""
        model:
          encoder:
            _target_: {BASE}.autoencoders.SeaNET_AE.SEANetEncoder2d
            input_size: 2
            dimension: 8
            n_filters: 4
            ratios: [[2, 2]]
            latent_fbins: 16
            seq_model: none
            activation: CReLU
            activation_params: {{}}
            is_complex: true
          decoder:
            _target_: {BASE}.autoencoders.SeaNET_AE.SEANetDecoder2d
            channels: 2
            input_size: 8
            n_filters: 4
            ratios: [[2, 2]]
            latent_fbins: 16
            seq_model: none
            activation: CReLU
            activation_params: {{}}
            is_complex: true
          bottleneck: {{_target_: {BASE}.bottlenecks.VAEBottleneck, skip_bottleneck: true}}
    """,
    "trainer/trainer.yaml": """
        seed: 94
        optimizer: {_target_: torch.optim.AdamW, lr: 5e-3, betas: [0.9, 0.98]}
        scheduler: {_target_: ar_spectra.training_utils.utils.InverseLR, inv_gamma: 30000, power: 0.5, warmup: 0.99}
        trainer: {epochs: 500, precision: 32-true, warmup_mode: adv, log_interval: 5, num_gpus: 1,
                  gradient_clip_val: 0.5, ckpt_dir: checkpoints}
        wandb: {use_wandb: true, name: My run 1}
        eval_loss_config: {sisdr: {zero_mean: true}, stft: {sample_rate: 16000, fft_size: 64, hop_size: 16,
                           win_length: 64}}
        loss_config:
          spectral:
            mrstft: {fft_sizes: [64, 32], return_details: false}
            weights: {stft_mse: 1.0, mrstft: 0.5}
          bottleneck: {weights: {kl: 1e-5}}
    """,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").splitlines()
        path.write_text("\n".join(line[8:] for line in lines) + "\n", encoding="utf-8")
    return tmp_path / "conf"


def change(tree: Path, name: str, **values: Any) -> None:
    document = yaml.safe_load((tree / name).read_text(encoding="utf-8"))
    (tree / name).write_text(yaml.safe_dump({**document, **values}), encoding="utf-8")


def test_a_whole_tree_becomes_one_experiment(tree: Path) -> None:
    text = migrate(tree)
    assert "# error" not in text
    config = load_config(text)
    model = config.model_config_
    assert (model.sample_rate, model.sample_size, model.audio_channels, model.model.cac) == (16000, 1024, 2, True)
    assert model.model.encoder.config.input_size == "auto"
    assert (model.model.decoder.config.n_filters, model.model.decoder.config.ratios) == (4, [[2, 2]])
    assert (config.name, config.seed, config.batch_size, config.num_workers) == ("My-run-1", 94, 6, 3)
    assert (config.log_every, config.logger) == (5, "wandb")
    training = model.training
    assert training.clip_grad_norm == 0.5
    assert training.optimizer_configs.autoencoder.scheduler.type == "InverseLR"
    assert training.eval_loss_configs.stft.fft_size == 64
    spectral = training.loss_configs.spectral
    assert spectral.stft_mse is not None, "the reference builds this term whether it is asked for or not"
    assert spectral.mrstft.config.fft_sizes == [64, 32]
    assert training.loss_configs.bottleneck.weights.kl == 1e-5
    for note in ("trainer.epochs = 500", "trainer.ckpt_dir", "custom_metadata_module", "full_waveform",
                 "eval_loss_config.stft.sample_rate", "mrstft.return_details"):  # fmt: skip
        assert f"dropped: {note}" in text or f"{note} = " in text


def test_the_data_sets_fit_the_model(tree: Path) -> None:
    config = load_config(migrate(tree / "model/complex.yaml"))
    train, held_out = config.dataset_config, config.val_dataset_config
    assert train.dataset_type == held_out.dataset_type == "spectrogram"
    assert (train.stereo, train.cac, train.target_frames) == (True, False, 65)
    assert train.stft == config.model_config_.model.stft
    assert (train.audio.path, train.audio.extensions) == ("music", ["mp3", "wav"])
    assert train.audio.min_length_sec == pytest.approx(0.5 * 1024 / 16000)
    assert (train.audio.split, held_out.audio.split) == ("train", "held_out")
    assert held_out.audio.random_crop is False
    assert held_out.target_frames is None


def test_a_file_of_a_group_is_composed_with_the_rest_of_its_tree(tree: Path) -> None:
    text = migrate(tree / "model/complex.yaml")
    model = load_config(text).model_config_
    assert (model.model.cac, model.model.encoder.config.is_complex, model.sample_rate) == (False, True, 16000)
    assert model.model.bottleneck.type == "identity"
    assert "model.cac" in text


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "data/data.yaml",
            {"train_dataset": {"_target_": "os.system", "audio_dir": "x"}},
            "Unknown _target_: os.system",
        ),
        ("data/data.yaml", {"callbacks": [{"_target_": "subprocess.run"}]}, "Unknown _target_: subprocess.run"),
        ("trainer/trainer.yaml", {"optimizer": {"_target_": "builtins.eval"}}, "Unknown _target_: builtins.eval"),
        ("data/data.yaml", {"audio_dir": "${oc.env:HOME}"}, r"Cannot resolve \$\{oc.env:HOME\}"),
        ("data/data.yaml", {"a": "${data.b}", "b": "${data.a}"}, "without end"),
        ("config.yaml", {"defaults": [{"data": "nothing"}]}, "Cannot read"),
        ("config.yaml", {"defaults": ["config"]}, "without end"),
        ("config.yaml", {"defaults": [{"data": "data"}]}, "Model configuration must contain a 'model' section"),
        ("trainer/trainer.yaml", {"optimizer": {"type": "AdamW", "config": {"lr": "fast"}}}, None),
    ],
)
def test_what_is_unknown_is_an_error_and_nothing_is_run(
    tree: Path, name: str, values: dict[str, Any], message: str | None
) -> None:
    change(tree, name, **values)
    source = tree if name == "config.yaml" else tree / "model/complex.yaml"
    if message is None:
        assert "# error: /model_config/training/optimizer_configs" in migrate(source)
        return
    with pytest.raises(ConfigError, match=message):
        migrate(source)


def test_defaults_packages_and_overrides_follow_hydra(tmp_path: Path) -> None:
    from narrows.configs.migrate.hydra import read_tree

    files = {
        "config.yaml": "defaults: [_self_, {'override hydra/x': y}, {optional a: one}, {b@there: null}, {c: [d, e]}]\n"
        "a: {x: 0, w: 1}\nlist: [1, '${a.y}', 'n-${list[0]}']\n",
        "a/one.yaml": "defaults: [two]\nx: 2\n",
        "a/two.yaml": "x: 1\ny: 3\nup: ${.y}\nout: ${..list}\n",
        "c/d.yaml": "# @package _global_\nglobal: 1\n",
        "c/e.yaml": "# @package c.deep\nz: 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    listed = [1, 3, "n-1"]
    assert read_tree(tmp_path / "config.yaml") == {
        "a": {"x": 2, "w": 1, "y": 3, "up": 3, "out": listed},
        "list": listed,
        "global": 1,
        "c": {"deep": {"z": 1}},
    }
