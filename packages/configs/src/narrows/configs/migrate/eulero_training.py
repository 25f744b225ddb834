"""The `trainer` section of EulerAudioBackbone: losses, optimizers and the run itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from narrows.configs.errors import Problem, config_error
from narrows.configs.migrate.draft import Draft

OPTIMIZERS = re.compile(r"torch\.optim\.([A-Z]\w*)\Z")
SCHEDULERS = re.compile(r"(?:torch\.optim\.lr_scheduler\.([A-Z]\w*)|ar_spectra\.training_utils\.utils\.(InverseLR))\Z")
RESOLUTIONS = ("mrstft", "mrstft_sc", "mrstft_stable_audio")
TERMS = ("stft_mse", *RESOLUTIONS, "cosine_phase_loss")
LOSSES = {"spectral", "time", "mrmel", "hubert", "discriminator", "bottleneck"}
UNUSED = {"eps", "dim", "keepdim"}
"""Arguments of the first and last of its terms on spectrograms that choose no distance: `eps` goes unread there."""
RESERVED = {"return_details", "apply_pre_transform", "pre_transform", "window_fn", "window"}
KEPT = ("warmup_steps", "warmup_mode", "encoder_freeze_on_warmup")
RUN = {
    "epochs": "training is counted in steps: see `steps`",
    "check_val_every_n_epoch": "see `val_every`, in steps",
    "val_check_interval": "see `val_every`, in steps",
    "save_every_n_epochs": "see `checkpoint_every`, in steps",
    "precision": "the reference ignores it and computes in 32 bit: see `precision`",
    "strategy": "several devices use data parallelism: see `devices`",
    "ckpt_dir": "the reference ignores it: see `save_dir`",
    "profile": "use a profiler of torch",
    "detect_anomaly": "steps that are not finite are found, skipped and named",
    "deterministic": "on a CPU runs are the same bit by bit",
}


def training_section(draft: Draft, trainer: Mapping[str, Any], autoencoder: Mapping[str, Any]) -> dict[str, Any]:
    """The `training` of the model file.

    Args:
        draft: takes notes.
        trainer: the section.
        autoencoder: options of the model that are about training.
    """
    run = trainer.get("trainer") or {}
    training: dict[str, Any] = {key: run[key] for key in KEPT if run.get(key) is not None}
    if run.get("gradient_clip_val"):
        training["clip_grad_norm"] = run["gradient_clip_val"]
    training |= _optimizers(draft, trainer)
    if autoencoder.get("latent_mask_ratio"):
        training["latent_mask_ratio"] = autoencoder["latent_mask_ratio"]
    for key in ("force_input_mono", "return_latent"):
        if autoencoder.get(key):
            reason = "give `audio_channels: 1`" if key == "force_input_mono" else "`encode` returns the latents"
            draft.drop(f"model.autoencoder.{key}", True, reason)
    if trainer.get("loss_config"):
        training["loss_configs"] = _losses(draft, trainer["loss_config"])
    if trainer.get("eval_loss_config"):
        training["eval_loss_configs"] = _metrics(draft, trainer["eval_loss_config"])
    return training


def run_settings(draft: Draft, trainer: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Set what concerns the run and not the model."""
    run, wandb = trainer.get("trainer") or {}, trainer.get("wandb") or {}
    loader = data.get("train_dataloader") or {}
    if wandb.get("name"):
        draft.set("name", re.sub(r"[^A-Za-z0-9._-]+", "-", str(wandb["name"])).strip("-._") or "narrows")
    for key, value in (("seed", trainer.get("seed")), ("batch_size", loader.get("batch_size")),
                       ("num_workers", loader.get("num_workers")), ("devices", run.get("num_gpus"))):  # fmt: skip
        if value is not None:
            draft.set(key, value)
    if run.get("log_interval"):
        draft.set("log_every", run["log_interval"])
    draft.set("logger", "wandb" if wandb.get("use_wandb") else "tensorboard")
    for key, reason in RUN.items():
        if run.get(key) and not (key == "precision" and run[key] == "32-true"):
            draft.drop(f"trainer.{key}", run[key], reason)


def known_class(name: str) -> bool:
    """Whether a class is an optimizer or a schedule that has its like here."""
    return bool(OPTIMIZERS.match(name) or SCHEDULERS.match(name))


def _optimizers(draft: Draft, trainer: Mapping[str, Any]) -> dict[str, Any]:
    optimizer, scheduler = trainer.get("optimizer"), trainer.get("scheduler")
    if not optimizer:
        draft.notes.append("default: training.learning_rate: the source has no optimizer")
        return {"learning_rate": 1e-4}
    pair = {"optimizer": _torch(optimizer, OPTIMIZERS, "/trainer/optimizer")}
    if scheduler and scheduler.get("enabled") is not False:
        pair["scheduler"] = _torch(scheduler, SCHEDULERS, "/trainer/scheduler")
    pairs = {"autoencoder": pair}
    if (trainer.get("loss_config") or {}).get("discriminator"):
        pairs["discriminator"] = pair
        draft.notes.append("default: optimizer_configs.discriminator: that of the autoencoder")
    return {"optimizer_configs": pairs}


def _torch(part: Mapping[str, Any], pattern: re.Pattern[str], pointer: str) -> dict[str, Any]:
    """An optimizer or a schedule, by `_target_`, or by `type` and `config`."""
    if "_target_" not in part and "type" in part:
        return {"type": part["type"], "config": dict(part.get("config") or {})}
    name = str(part.get("_target_", ""))
    match = pattern.match(name)
    if match is None:
        message = f"Unknown _target_: {name}. Nothing is imported: only optimizers and schedules of torch are known."
        raise config_error([Problem(f"{pointer}/_target_", message, name, kind="unknown-tag")])
    return {
        "type": next(filter(None, match.groups())),
        "config": {key: value for key, value in part.items() if not key.startswith("_")},
    }


def _losses(draft: Draft, losses: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in losses.items() if key in LOSSES and value is not None}
    for key in sorted(losses.keys() - LOSSES):
        draft.drop(f"loss_config.{key}", "...", "a spectral autoencoder has no such loss here")
    if "spectral" in found:
        found["spectral"] = _spectral(draft, found["spectral"])
    return found


def _spectral(draft: Draft, section: Mapping[str, Any]) -> dict[str, Any]:
    """Terms with their options below `config`, where the reference also takes them bare."""
    found = dict(section)
    for name in TERMS:
        if name not in section:
            continue
        part = dict(section[name] or {})
        options = dict(part.get("config", part) or {})
        unwanted = RESERVED if name in RESOLUTIONS else UNUSED if name == "stft_mse" else UNUSED - {"eps"}
        for key in sorted(options.keys() & unwanted):
            draft.drop(f"loss_config.spectral.{name}.{key}", options.pop(key), "it has no effect, or no like here")
        found[name] = {"config": options} if options else {}
    if (section.get("weights") or {}).get("stft_mse") and "stft_mse" not in section:
        # The reference builds this term whether it is asked for or not.
        found["stft_mse"] = {}
    return found


def _metrics(draft: Draft, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics of validation; those of distortion have no rate of their own."""
    found: dict[str, Any] = {}
    for name, given in metrics.items():
        options = dict(given or {})
        if "sample_rate" in options:
            draft.drop(f"eval_loss_config.{name}.sample_rate", options.pop("sample_rate"), "the model's is taken")
        found[name] = options
    return found
