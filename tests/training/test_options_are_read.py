"""No option is accepted and ignored: every field of what trains is read by what it configures.

Runs that use everything are watched (`readings`); a field that none of them reads is listed by name, as is a new one
that nothing reads yet. Parts that this version cannot build are not among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from support.corpus_files import component_files
from support.option_coverage import Readings, noted, unread
from support.training_cases import RATE, experiment_config, model_config, write_clips

from narrows.configs import BottleneckLossConfig, load_config
from narrows.configs._base import ConfigModel
from narrows.data import create_dataloader_from_config, pack_folder
from narrows.losses import create_loss_modules_from_bottleneck
from narrows.losses.factory import create_discriminator_from_config
from narrows.models import create_bottleneck_from_config, create_pretransform_from_config
from narrows.pipelines.pre_encode import pre_encode
from narrows.training import create_optimizer_from_config, create_scheduler_from_config, train

ELSEWHERE: dict[str, dict[str, str]] = {
    "AutoencoderOptions": {"latent_dim": "held equal to what encoder, bottleneck and decoder say by rules"},
    "AutoencoderLossConfigs": {
        "reconstruction": "replaced by what it stands for before it is typed",
        "adversarial": "replaced by what it stands for before it is typed",
    },
    "OobleckDiscriminatorOptions": {"in_channels": "held equal to the model's by a rule"},
    "BigVganDiscriminatorOptions": {"cqtd_in_channels": "held equal to the model's by a rule"},
    "WdsEntry": dict.fromkeys(("profile", "endpoint_url", "region"), "for shards on S3: see tests/data/test_s3.py"),
    "TrainExperimentConfig": dict.fromkeys(("address", "max_restarts"), "of clusters: see test_on_ray.py"),
    "PreEncodeExperimentConfig": {"overlap": "only models that are not exact in chunks take it"},
}
"""Fields that nothing needs to read here, and why."""
NEEDS_WEIGHTS = {"dac_pretrained", "audiocraft_pretrained", "transformers"}
"""Published codecs, which are not built without their weights."""
WEIGHTS = BottleneckLossConfig()
PARAMETER = torch.nn.Parameter(torch.zeros(2))


def build_optimizer(config: Any) -> Any:
    return create_optimizer_from_config(config, [PARAMETER])


def build_scheduler(config: Any) -> Any:
    return create_scheduler_from_config(config, torch.optim.SGD([PARAMETER], lr=1.0, momentum=0.9))


def build_discriminator(config: Any) -> Any:
    with torch.device("meta"):
        return create_discriminator_from_config(config, 2, 44100)


BUILDERS = {
    "optimizer": build_optimizer,
    "scheduler": build_scheduler,
    "discriminator": build_discriminator,
    "pretransform": lambda config: create_pretransform_from_config(config, 44100),
}


@pytest.mark.parametrize(("family", "path"), component_files(*BUILDERS))
def test_every_option_of_a_component_is_read(family: str, path: Path) -> None:
    if path.stem in NEEDS_WEIGHTS:
        pytest.skip("a published codec needs its weights")
    config = load_config(path, family)
    with noted() as read:
        BUILDERS[family](config)
    assert left(type(config.config), read) == set()


def left(owner: type[ConfigModel], read: Readings) -> set[str]:
    return unread(owner, read) - set(ELSEWHERE.get(owner.__name__, ()))


def test_every_weight_of_a_bottleneck_is_read_for_some_bottleneck() -> None:
    with noted() as read:
        for parameter in component_files("bottleneck"):
            create_loss_modules_from_bottleneck(create_bottleneck_from_config(parameter.values[1]), WEIGHTS)
    assert left(type(WEIGHTS.weights), read) == set()


PAIR = {"optimizer": {"type": "AdamW", "config": {"lr": 1e-4}}, "scheduler": {"type": "ConstantLR"}}
ADVERSARIAL: dict[str, Any] = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}


def everything() -> dict[str, Any]:
    """A model file that trains with all there is, but for a teacher."""
    model = model_config(
        {"type": "vae"},
        learning_rate=None,
        optimizer_configs={"autoencoder": PAIR, "discriminator": PAIR},
        warmup_steps=1,
        encoder_freeze_on_warmup=True,
        clip_grad_norm=1.0,
        clip_grad_percentile=90.0,
        latent_mask_ratio=0.1,
        latent_augmentation={"noise": 0.1, "gain": 3.0, "shift": 0.5},
        eval_loss_configs={"stft": {}, "sisdr": {}, "mel": {}},
        demo={"demo_every": 1, "max_demos": 1},
    )
    losses = model["training"]["loss_configs"]
    losses["discriminator"] = ADVERSARIAL
    losses["mrmel"] = {"config": {"n_mels": [5], "window_lengths": [64]}, "weights": {"mrmel": 1.0}}
    losses["latents"] = {"weights": {"roughness": 0.1}}
    losses["bottleneck"] = {"weights": {"kl": 1e-3}, "warmup_steps": 2}
    return model


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Readings, list[Any]]:
    """What runs read that between them use everything, and their documents."""
    folder = tmp_path_factory.mktemp("watched")
    clips = write_clips(folder / "clips")
    for clip in clips.iterdir():
        clip.with_suffix(".json").write_text('{"mood": "calm"}')
    (clips / "moods.csv").write_text("path,mood\nclip0.wav,calm\n")
    described = {"sidecar": "json", "table": str(clips / "moods.csv"), "fields": [{"name": "mood"}]}
    audio = {"dataset_type": "audio_dir", "datasets": [{"id": "a", "path": str(clips)}], "metadata": described}
    buckets = {"dataset_type": "audio_dir", "path": str(clips), "length_buckets": 2, "volume_norm": True}
    full = experiment_config(clips, folder, everything(), steps=1, val_every=1, dataset_config=audio)
    again = full | {"steps": 3}
    taught = model_config(
        None, teacher_model=model_config(None), teacher_model_ckpt=str(folder / "taught/model/model.safetensors")
    )
    documents: list[Any] = [full, again]
    with noted() as read:
        for document in documents:
            train(document, progress=False)
        plain = experiment_config(clips, folder, model_config(None), steps=1, name="taught")
        train(plain, progress=False)
        pupil = experiment_config(clips, folder, taught, steps=1, name="pupil")
        train(pupil, progress=False)
        encoding = {
            "experiment": "pre_encode",
            "ckpt_path": str(folder / "run/model"),
            "dataset_config": audio | {"drop_last": False},
            "output_path": str(folder / "latents"),
            "layout": "sat",
            "chunk_size": 16,
            "num_workers": 1,
            "accelerator": "cpu",
        }
        pre_encode(load_config(encoding))
        pack_folder(clips, folder / "shards")
        entries = [{"id": "s", "path": str(folder / "shards")}]
        shards = {"dataset_type": "wds", "datasets": entries, "remove_silence": True}
        latents = {
            "dataset_type": "pre_encoded",
            "datasets": [{"id": "l", "path": str(folder / "latents")}],
        }
        stored = {"dataset_type": "pre_encoded", "path": str(folder / "latents")}
        for data in (latents, stored, buckets, shards):
            next(iter(create_dataloader_from_config(data, 2, 256, RATE, num_workers=0)))
        documents += [plain, pupil, encoding, latents, stored, buckets, shards]
    return read, [load_config(document) for document in documents]


@pytest.mark.slow
def test_every_option_of_a_run_is_read(watched: tuple[Readings, list[Any]]) -> None:
    read, configs = watched
    found = {owner for config in configs for owner in classes(config)} - {type(WEIGHTS.weights)}
    assert sorted(f"{owner.__name__}.{name}" for owner in found for name in left(owner, read)) == []


def classes(config: ConfigModel) -> Iterator[type[ConfigModel]]:
    """The class of an object and of everything inside it."""
    yield type(config)
    for name in type(config).model_fields:
        value = getattr(config, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ConfigModel):
                yield from classes(inner)
