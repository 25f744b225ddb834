"""Migration of EulerAudioBackbone: Hydra YAML whose `_target_` strings name classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.configs._documents import read_file
from narrows.configs._errors import Problem, config_error
from narrows.configs._wording import nearest
from narrows.configs.migrate.draft import Draft

BASE = "ar_spectra.models"
TARGETS = {
    f"{BASE}.autoencoders.SeaNET_AE.SEANetEncoder2d": "seanet2d",
    f"{BASE}.autoencoders.SeaNET_AE.SEANetDecoder2d": "seanet2d",
    **{
        f"{BASE}.{place}.HFAutoencoder{kind.upper()}{part}": f"autoencoder_{kind}"
        for kind in ("kl", "dc")
        # The shipped files name the first place, where nothing is; the second is right.
        for place in (f"autoencoder_{kind}", f"autoencoders.autoencoder_{kind}")
        for part in ("Encoder", "Decoder")
    },
    f"{BASE}.bottlenecks.VAEBottleneck": "vae",
    f"{BASE}.bottlenecks.SkipBottleneck": "skip",
    f"{BASE}.bottlenecks.IdentityBottleneck": "identity",
    "ar_spectra.dataset.OnTheFlySTFTDataset": "audio_dir",
}
"""What the classes are called here. Optimizers and schedules of torch are known by their last name."""

OPTIMIZERS = re.compile(r"torch\.optim\.([A-Z]\w*)\Z")
SCHEDULERS = re.compile(r"(?:torch\.optim\.lr_scheduler\.([A-Z]\w*)|ar_spectra\.training_utils\.utils\.(InverseLR))\Z")
STFT = ("n_fft", "hop_length", "win_length", "pad_mode", "normalized")


def from_yaml(path: Path) -> Draft:
    """A training run from a composed file, or from a `config.yaml` with groups beside it."""
    sections = _sections(path)
    draft = Draft(path.name)
    draft.set("experiment", "train")
    data, trainer = sections.get("data") or {}, sections.get("trainer") or {}
    run = trainer.get("trainer") or {}
    if "model" not in sections:
        raise config_error([Problem("", f"There is no model section in {path}.", str(path), kind="syntax")])
    training = _training(draft, trainer, run)
    draft.set("model_config", _model(draft, sections["model"], data, training))
    _dataset(draft, data)
    loader = data.get("train_dataloader") or {}
    for key, value in (("seed", trainer.get("seed")), ("batch_size", loader.get("batch_size")),
                       ("num_workers", loader.get("num_workers")), ("devices", run.get("num_gpus"))):  # fmt: skip
        if value is not None:
            draft.set(key, value)
    wandb = trainer.get("wandb") or {}
    draft.set("logger", "wandb" if wandb.get("use_wandb") else "tensorboard")
    if run.get("epochs"):
        draft.drop("trainer.epochs", run["epochs"], "training is counted in steps: see `steps`")
    return draft


def _sections(path: Path) -> dict[str, Any]:
    """The sections of a file, with the files of its groups where it lists them under `defaults`."""
    document = read_file(path).data
    sections = dict(document) if isinstance(document, dict) else {}
    for entry in sections.pop("defaults", None) or []:
        for group, name in entry.items() if isinstance(entry, Mapping) else ():
            part = read_file(path.parent / str(group) / f"{name}.yaml").data
            sections.setdefault(group, part[group] if list(part) == [group] else part)
    return sections


def target(part: Mapping[str, Any], pointer: str) -> str:
    """What the class of a part is called here.

    Raises:
        ConfigError: the class is not in the table.
    """
    name = str(part.get("_target_", ""))
    if name not in TARGETS:
        close = nearest(name, list(TARGETS))
        message = f"Unknown _target_: {name}. Nothing is imported: only the classes in the table are known."
        problem = Problem(
            f"{pointer}/_target_", message, name, f"Did you mean {close!r}?" if close else "", kind="unknown-tag"
        )
        raise config_error([problem])
    return TARGETS[name]


def _component(part: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    options = {
        key: _channels(value) for key, value in part.items() if key not in {"_target_", "skip_bottleneck", "skip"}
    }
    return {"type": target(part, pointer), "config": options}


def _channels(value: Any) -> Any:
    """A value; an interpolation of the data's channels is `auto`."""
    return "auto" if isinstance(value, str) and re.fullmatch(r"\$\{.*channels\}", value) else value


def _model(draft: Draft, model: Mapping[str, Any], data: Mapping[str, Any], training: Any) -> dict[str, Any]:
    train = data.get("train_dataset") or {}
    autoencoder = dict(model.get("autoencoder") or {})
    parts: dict[str, Any] = {
        "stft": {key: train[key] for key in STFT if key in train},
        "cac": bool(train.get("cac", False)),
    }
    if not parts["stft"]:
        parts["stft"] = {"n_fft": 2048, "hop_length": 512}
        draft.notes.append("default: model.stft: the source says nothing of the transform")
    transform = autoencoder.get("pre_transform")
    if isinstance(transform, dict) and transform.get("type") in {"none", "identity"} and transform.get("config"):
        draft.drop("model.autoencoder.pre_transform.config", transform["config"], "there is no transform to set")
        transform = {key: value for key, value in transform.items() if key != "config"}
    if transform:
        parts["pre_transform"] = transform
    for part in ("encoder", "decoder"):
        parts[part] = _component(model[part], f"/model/{part}")
    bottleneck = model.get("bottleneck")
    if bottleneck:
        skipped = bottleneck.get("skip_bottleneck") or bottleneck.get("skip")
        parts["bottleneck"] = {"type": "identity"} if skipped else _component(bottleneck, "/model/bottleneck")
    for key in ("force_input_mono", "latent_mask_ratio"):
        if autoencoder.get(key):
            training[key] = autoencoder[key]
    if autoencoder.get("return_latent"):
        draft.drop("model.autoencoder.return_latent", True, "`encode` returns the latents")
    rate, hop = train.get("sample_rate", 44100), parts["stft"].get("hop_length", 512)
    channels = data.get("audio_channels", 2 if train.get("stereo", True) else 1)
    found = {"model_type": "spectral_autoencoder", "sample_rate": rate, "audio_channels": channels}
    if train.get("target_frames"):
        found["sample_size"] = (train["target_frames"] - 1) * hop
    return {**found, "model": parts, "training": training}


def _training(draft: Draft, trainer: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    training: dict[str, Any] = {key: run[key] for key in ("warmup_steps", "encoder_freeze_on_warmup") if key in run}
    optimizer = trainer.get("optimizer")
    if optimizer:
        training["optimizer_configs"] = {
            "autoencoder": {"optimizer": _torch(optimizer, OPTIMIZERS, "/trainer/optimizer")}
        }
        if trainer.get("scheduler"):
            schedule = _torch(trainer["scheduler"], SCHEDULERS, "/trainer/scheduler")
            training["optimizer_configs"]["autoencoder"]["scheduler"] = schedule
    else:
        training["learning_rate"] = 1e-4
        draft.notes.append("default: training.learning_rate: the source has no optimizer")
    losses = trainer.get("loss_config")
    if losses:
        known = {"spectral", "time", "bottleneck"}
        training["loss_configs"] = {key: value for key, value in losses.items() if key in known}
        for key in losses.keys() - known:
            draft.drop(f"loss_config.{key}", "...", "a spectral autoencoder has no such loss here")
    return training


def _torch(part: Mapping[str, Any], pattern: re.Pattern[str], pointer: str) -> dict[str, Any]:
    name = str(part.get("_target_", ""))
    match = pattern.match(name)
    if match is None:
        message = f"Unknown _target_: {name}. Nothing is imported: only optimizers and schedules of torch are known."
        raise config_error([Problem(f"{pointer}/_target_", message, name, kind="unknown-tag")])
    return {
        "type": next(filter(None, match.groups())),
        "config": {key: value for key, value in part.items() if not key.startswith("_")},
    }


def _dataset(draft: Draft, data: Mapping[str, Any]) -> None:
    for key, name in (("train_dataset", "dataset_config"), ("eval_dataset", "val_dataset_config")):
        part = data.get(key)
        if part:
            target(part, f"/data/{key}")
            draft.set(name, {"dataset_type": "audio_dir", "path": str(part.get("audio_dir", ""))}, f"was data.{key}")
            if part.get("custom_metadata_module"):
                reason = "files are found by folder; metadata come from the data set's own options"
                draft.drop(f"data.{key}.custom_metadata_module", part["custom_metadata_module"], reason)
    if "dataset_config" not in draft.values:
        draft.set("dataset_config", "dataset_config.json", "To be filled in: the path of its file.")
