"""Migration of EulerAudioBackbone: Hydra YAML whose `_target_` strings name classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.configs._documents import read_file
from narrows.configs._errors import Problem, config_error
from narrows.configs.migrate.draft import Draft
from narrows.configs.migrate.eulero_model import MISSING, model_document, target

OPTIMIZERS = re.compile(r"torch\.optim\.([A-Z]\w*)\Z")
SCHEDULERS = re.compile(r"(?:torch\.optim\.lr_scheduler\.([A-Z]\w*)|ar_spectra\.training_utils\.utils\.(InverseLR))\Z")


def from_yaml(path: Path) -> Draft:
    """A training run from a composed file, or from a `config.yaml` with groups beside it."""
    sections = _sections(path)
    draft = Draft(path.name)
    draft.set("experiment", "train")
    data, trainer = sections.get("data") or {}, sections.get("trainer") or {}
    run = trainer.get("trainer") or {}
    if "model" not in sections:
        raise config_error([Problem("", f"{MISSING}: there is none in {path}.", str(path), kind="syntax")])
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


def _model(draft: Draft, model: Mapping[str, Any], data: Mapping[str, Any], training: Any) -> dict[str, Any]:
    autoencoder = dict(model.get("autoencoder") or {})
    for key in ("force_input_mono", "latent_mask_ratio"):
        if autoencoder.get(key):
            training[key] = autoencoder[key]
    if autoencoder.get("return_latent"):
        draft.drop("model.autoencoder.return_latent", True, "`encode` returns the latents")
    return {**model_document(draft, model, data), "training": training}


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
