"""Files of other packages become one experiment that loads, with comments on what changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from narrows.configs import ConfigError, UnknownTypeError, load_config
from narrows.configs.migrate import migrate

MODEL = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "sample_size": 1024,
    "comment": "of no use",
    "model": {
        "encoder": {"type": "oobleck", "config": {"c_mults": [1], "strides": [2], "latent_dim": 8}},
        "decoder": {"type": "oobleck", "config": {"c_mults": [1], "strides": [2], "latent_dim": 4}},
        "bottleneck": {"type": "vae"},
        "latent_dim": 4,
        "downsampling_ratio": 2,
        "io_channels": 2,
    },
    "training": {"learning_rate": 1e-4, "loss_configs": {"time": {"weights": {"l1": 1.0}}}},
}
DATA = {"dataset_type": "audio_dir", "datasets": [{"id": "a", "path": "audio"}], "random_crop": True}
INI = """[DEFAULTS]
name = my_run
project = None
batch_size = 16
recover = false
save_top_k = -1
strategy = "auto"
precision = "16-mixed"
val_every = -1
model_config = 'model.json'
dataset_config = 'data.json'
save_dir = out
gradient_clip_val = 0.5
logger = 'wandb'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.json").write_text(json.dumps(MODEL), encoding="utf-8")
    (tmp_path / "data.json").write_text(json.dumps(DATA), encoding="utf-8")
    (tmp_path / "defaults.ini").write_text(INI, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["defaults.ini", "."])
def test_a_training_run(folder: Path, name: str) -> None:
    text = migrate(folder / name)
    config = load_config(text)
    assert (config.experiment, config.name, config.batch_size, config.save_dir) == ("train", "my_run", 16, "out")
    assert (config.precision, config.logger, config.val_every) == ("16-mixed", "wandb", 1000)
    assert config.model_config_.model.latent_dim == 4
    assert "# dropped: model_config/comment: the reference ignores it" in text
    assert "# dropped: gradient_clip_val = 0.5: clipping belongs to the model file" in text
    assert "# dropped: save_top_k" in text
    assert "recover" not in text


def test_a_pre_encoding_command(folder: Path) -> None:
    command = folder / "run.sh"
    command.write_text(
        "python3 ./pre_encode.py --model-config model.json --ckpt-path w.ckpt --dataset-config data.json \\\n"
        "  --output-path=latents --batch-size 4 --limit-batches 10 --model-half --sample-size 2048\n",
        encoding="utf-8",
    )
    text = migrate(command)
    config = load_config(text)
    assert (config.experiment, config.ckpt_path, config.output_path) == ("pre_encode", "w.ckpt", "latents")
    assert (config.sample_size, config.limit, config.precision, config.layout) == (2048, 40, "16-true", "sat")
    assert "# was limit_batches 10, counted in clips" in text


def test_what_pre_encode_does_by_default_is_written_out(folder: Path) -> None:
    command = folder / "short.txt"
    command.write_text("pre_encode.py --ckpt-path w.ckpt --dataset-config data.json --output-path out --strategy ddp\n")
    text = migrate(command)
    assert load_config(text).sample_size == 1320960
    assert "# dropped: strategy = 'ddp': processes share the work by themselves" in text


def test_a_model_alone_leaves_the_data_to_fill_in(folder: Path) -> None:
    text = migrate(folder / "model.json")
    assert "# To be filled in" in text
    assert yaml.safe_load(text)["dataset_config"] == "dataset_config.json"


def eulero(**changes: Any) -> dict[str, Any]:
    seanet = {"n_filters": 4, "ratios": [[2, 2]], "latent_fbins": 16, "is_complex": False, "seq_model": "none"}
    base = "ar_spectra.models"
    return {
        "data": {
            "train_dataset": {
                "_target_": "ar_spectra.dataset.OnTheFlySTFTDataset", "audio_dir": "audio", "sample_rate": 16000,
                "n_fft": 64, "hop_length": 16, "win_length": 64, "stereo": True, "cac": True, "target_frames": 65,
            },
            "train_dataloader": {"batch_size": 32},
            "audio_channels": 2,
            "model_channels": 4,
        },
        "model": {
            "autoencoder": {"return_latent": True, "pre_transform": {"type": "power_norm", "config": {"alpha": 0.6}}},
            "encoder": {"_target_": f"{base}.autoencoders.SeaNET_AE.SEANetEncoder2d", "dimension": 8, **seanet,
                        "input_size": "${data.model_channels}"},
            "decoder": {"_target_": f"{base}.autoencoders.SeaNET_AE.SEANetDecoder2d", "channels": 4,
                        "input_size": 4, **seanet},
            "bottleneck": {"_target_": f"{base}.bottlenecks.VAEBottleneck"},
            **changes,
        },
        "trainer": {
            "seed": 7,
            "optimizer": {"_target_": "torch.optim.AdamW", "lr": 5e-3},
            "scheduler": {"_target_": "ar_spectra.training_utils.utils.InverseLR", "inv_gamma": 3000},
            "trainer": {"epochs": 5, "num_gpus": 1},
            "wandb": {"use_wandb": False},
            "loss_config": {"spectral": {"stft_mse": {}, "weights": {"stft_mse": 1.0}},
                            "bottleneck": {"weights": {"kl": 1e-4}}},
        },
    }  # fmt: skip


def test_a_hydra_file_of_eulero(tmp_path: Path) -> None:
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump(eulero()), encoding="utf-8")
    text = migrate(path)
    config = load_config(text)
    model = config.model_config_
    assert (model.model_type, model.sample_rate, model.sample_size) == ("spectral_autoencoder", 16000, 1024)
    assert model.model.encoder.config.input_size == "auto"
    assert model.model.pre_transform.config.alpha == 0.6
    pair = model.training.optimizer_configs.autoencoder
    assert (pair.optimizer.type, pair.optimizer.config.lr, pair.scheduler.type) == ("AdamW", 5e-3, "InverseLR")
    assert (config.seed, config.batch_size, config.logger) == (7, 32, "tensorboard")
    assert "# dropped: trainer.epochs = 5" in text


def test_groups_of_hydra_are_put_together(tmp_path: Path) -> None:
    sections = eulero(bottleneck={"_target_": "ar_spectra.models.bottlenecks.VAEBottleneck", "skip_bottleneck": True})
    for group, part in sections.items():
        (tmp_path / group).mkdir()
        (tmp_path / group / "mine.yaml").write_text(yaml.safe_dump(part), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        yaml.safe_dump({"defaults": [{g: "mine"} for g in sections]}), encoding="utf-8"
    )
    text = migrate(tmp_path)
    assert yaml.safe_load(text)["model_config"]["model"]["bottleneck"] == {"type": "identity"}
    assert "# error: /model_config/model/encoder/config/dimension" in text


def test_an_unknown_target_is_an_error_and_never_imported(tmp_path: Path) -> None:
    path = tmp_path / "experiment.yaml"
    document = eulero(bottleneck={"_target_": "antigravity.Bottleneck"})
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    script = f"from narrows.configs.migrate import migrate; from pathlib import Path; migrate(Path({str(path)!r}))"
    with pytest.raises(UnknownTypeError, match=r"Unknown _target_: antigravity\.Bottleneck"):
        migrate(path)
    assert "antigravity" not in sys.modules
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "antigravity\n" not in result.stderr.split("Traceback")[0]


@pytest.mark.parametrize(("name", "text"), [("a.ini", "x = ["), ("a.sh", "ls -l"), ("a.yaml", "a: 1\nb: 2\n")])
def test_files_that_are_nothing_known(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        migrate(tmp_path / name)


DIFFUSION: dict[str, Any] = {
    "model_type": "diffusion_cond",
    "sample_rate": 16000,
    "sample_size": 1024,
    "model": {
        "pretransform": {"type": "autoencoder", "config": MODEL["model"]},
        "conditioning": {"cond_dim": 32, "configs": [{"id": "seconds_total", "type": "number", "config": {}}]},
        "diffusion": {
            "type": "dit",
            "diffusion_objective": "rectified_flow",
            "cross_attention_cond_ids": ["seconds_total"],
            "config": {"io_channels": 4, "embed_dim": 32, "depth": 2, "num_heads": 1, "cond_token_dim": 32},
        },
        "io_channels": 4,
    },
    "training": {
        "learning_rate": 1e-4,
        "demo": {"num_demos": 1, "demo_cfg_scales": [4], "demo_cond": [{"seconds_total": 1}]},
    },
}


def test_a_run_of_a_diffusion_model(folder: Path) -> None:
    """Weights of the pretransform come along, and the Trainer's clipping moves to the model."""
    (folder / "model.json").write_text(json.dumps(DIFFUSION))
    (folder / "defaults.ini").write_text(INI + "pretransform_ckpt_path = 'vae.ckpt'\n")
    text = migrate(folder / "defaults.ini")
    document = yaml.safe_load(text)
    assert document["pretransform_ckpt_path"] == "vae.ckpt"
    assert document["model_config"]["training"]["clip_grad_norm"] == 0.5
    assert "moved: gradient_clip_val 0.5" in text
    load_config(document, "experiment")


def test_a_run_of_adversarial_post_training(folder: Path) -> None:
    both = {part: {"optimizer": {"type": "AdamW", "config": {"lr": 1e-5}}} for part in ("diffusion", "discriminator")}
    arc = {"use_model_as_discriminator": True, "discriminator": {"dit_hidden_layer": 1}}
    training = {"optimizer_configs": both, "arc": arc, "demo": DIFFUSION["training"]["demo"]}
    (folder / "model.json").write_text(json.dumps({**DIFFUSION, "training": training}))
    text = migrate(folder / "defaults.ini")
    assert "the reference counts two" in text
    assert "dropped: gradient_clip_val" in text
    load_config(yaml.safe_load(text), "experiment")
