"""The trainings of diffusion models: the base, few-step post-training, and an adapter for a new class."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file

from narrows.models import create_model_from_config, load_checkpoint, load_model, save_model
from toy_sounds.examples import KINDS, NEW, PROMPT
from toy_sounds.reference import as_reference
from toy_sounds.stages import write_json
from toy_sounds.training import TIMED, composed, planned_training, trained

RATE, REFERENCE_RATE, FEW_STEP_RATE, ADAPTER_RATE = 3e-3, 1.5e-3, 3e-4, 5e-3
OPTIMIZER = {"type": "Muon", "config": {"lr": RATE}}
"""Of the base."""
WARMUP = 0.4
"""Share of few-step training before the discriminator."""
PLACES = ("cross_attention_cond_ids", "global_cond_ids")


@dataclass(frozen=True)
class Trainings:
    """What all trainings of a seed have in common.

    Args:
        folder: of the seed.
        codec: model folder.
        latents: with `train` and `held_out`.
        seed: of weights, crops and noise.
        words: further settings of the experiment.
    """

    folder: Path
    codec: Path
    latents: Path
    seed: int
    words: Sequence[str] = ()

    def base(self, seconds: float, steps: int | None = None) -> dict[str, Any]:
        """Train the model of `examples/toy_diffusion.yaml`, with the pitch as a further condition.

        Args:
            seconds: processor seconds.
            steps: in place of those that the seconds are for.
        """
        document = self._document("base")
        document["model_config"]["training"]["optimizer_configs"]["diffusion"]["optimizer"] = OPTIMIZER
        return trained(document, seconds, RATE, steps=steps)

    def few_step(self, base: Path, seconds: float, scale: float) -> dict[str, Any]:
        """Post-train the base by ARC to make sounds in few steps without guidance.

        Args:
            base: model folder.
            seconds: processor seconds.
            scale: guidance of the teacher in the warm-up.
        """
        document = self._document("few_step", f"pretrained_ckpt_path={base}")
        training = document["model_config"]["training"]
        optimizer = {"type": "AdamW", "config": {"lr": FEW_STEP_RATE, "betas": [0.0, 0.95]}}
        training["optimizer_configs"] = {name: {"optimizer": optimizer} for name in ("diffusion", "discriminator")}
        depth = document["model_config"]["model"]["diffusion"]["config"]["depth"]
        training["arc"] = {
            "use_model_as_teacher": True,
            "teacher_model_ckpt": str(base / "model.safetensors"),
            "ode_warmup": {"warmup_steps": TIMED, "refresh_rate": TIMED, "sampling_steps": 16, "cfg": scale},
            "use_model_as_discriminator": True,
            "noise_dist": {"generator": "logsnr_uniform", "discriminator": "logit_normal"},
            "discriminator": {
                "type": "convnext",
                "dit_hidden_layer": max(1, depth // 2),
                "contrastive": True,
                "config": {"strides": [2, 2, 2, 2]},
            },
        }
        return trained(document, seconds, settle=_settle_warmup, shares=(WARMUP, 1 - WARMUP))

    def adapter(self, base: Path, sounds: Path, weight: float, seconds: float) -> dict[str, Any]:
        """Train a low-rank adapter of the base on a class that it was not shown, beside those that it knows.

        Without these, what the adapter learns for one class changes them all.

        Args:
            base: model folder.
            sounds: latents of the new class.
            weight: how often they come, where each sound of the base comes once.
            seconds: processor seconds.
        """
        document = self._document("adapter", f"pretrained_ckpt_path={base}", "val_batches=0", "batch_size=16")
        known = document["dataset_config"].pop("path")
        entries = [{"id": "new", "path": str(sounds), "weight": weight}, {"id": "known", "path": known}]
        document["dataset_config"]["datasets"] = entries
        document["val_dataset_config"] = None
        document["model_config"]["training"]["lora_config"] = {"rank": 32, "alpha": 32}
        return trained(document, seconds, ADAPTER_RATE)

    def reference(self, seconds: float, python: Path, steps: int | None = None) -> dict[str, Any]:
        """Train the base by stable-audio-tools: the same codec, batches, steps and shape of the schedule, with AdamW.

        Args:
            seconds: processor seconds of our base, whose number of steps is taken.
            python: with stable-audio-tools.
            steps: in place of those that the seconds are for.
        """
        document = planned_training(self._document("base"), seconds, REFERENCE_RATE, steps=steps)
        statistics = json.loads((self.latents / "train" / "manifest.json").read_text())["statistics"]
        config = as_reference(document["model_config"], float(np.mean(np.square(statistics["std"])) ** 0.5))
        file, weights = self.folder / "reference_experiment.json", self.folder / "reference.safetensors"
        write_json(file, document | {"model_config": config})
        if not weights.is_file():
            subprocess.run([python, Path(__file__).with_name("reference.py"), file, weights], check=True)
        model = create_model_from_config(config)
        missing = model.load_state_dict(load_file(weights), strict=False).missing_keys
        assert all(name.startswith("pretransform") for name in missing), missing
        load_checkpoint(model.pretransform.model, self.codec)
        save_model(model, self.folder / "reference" / "model")
        return {"steps": document["steps"], "model": str(self.folder / "reference" / "model")}

    def _document(self, name: str, *more: str) -> dict[str, Any]:
        words = [
            f"pretransform_ckpt_path={self.codec}",
            f"dataset_config.path={self.latents / 'train'}",
            f"val_dataset_config.path={self.latents / 'held_out'}",
            f"save_dir={self.folder}",
            f"name={name}",
            f"seed={self.seed}",
        ]
        return with_pitch(composed("toy_diffusion.yaml", [*words, *more, *self.words]))


def with_neutral_class(base: Path, folder: Path) -> Path:
    """The base with a row of the new class that is the mean of those of the known ones.

    Its own was never trained. In nearly pure noise the model makes wild sounds of it, of which an adapter is not rid.

    Args:
        base: model folder.
        folder: of the copy, which is written unless it is there.
    """
    if not folder.is_dir():
        model = load_model(base)
        rows = model.conditioner.conditioners[PROMPT].embedder.weight.data
        known = len(rows) - len(KINDS)  # the rows before are of no class
        rows[known + KINDS.index(NEW)] = rows[known : known + KINDS.index(NEW)].mean(0)
        save_model(model, folder)
    return folder


def _settle_warmup(document: dict[str, Any], steps: int) -> None:
    warmup = document["model_config"]["training"]["arc"]["ode_warmup"]
    warmup["warmup_steps"] = max(1, round(WARMUP * steps))


def with_pitch(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the pitch in semitones as a condition, and with a class more than there are sounds of.

    The class is called `prompt`: that is what the contrastive loss of ARC exchanges.
    """
    model = document["model_config"]["model"]
    kinds = model["conditioning"]["configs"][0]
    kinds["id"], kinds["config"]["options"] = PROMPT, list(KINDS)
    number = {"min_val": 24, "max_val": 120, "fourier_features_type": "expo", "highest_frequency": 256.0}
    model["conditioning"]["configs"].append({"id": "pitch", "type": "number", "config": number})
    diffusion = model["diffusion"]
    for place in PLACES:
        if diffusion.get(place):
            diffusion[place] = [PROMPT, *(name for name in diffusion[place] if name != "class"), "pitch"]
    if diffusion["config"].get("global_cond_dim"):
        diffusion["config"]["global_cond_dim"] = model["conditioning"]["cond_dim"] * len(diffusion["global_cond_ids"])
    document["model_config"]["training"]["demo"].pop("demo_cond", None)
    document["model_config"]["training"]["demo"] |= {"demo_cond_from_batch": True, "num_demos": 2}
    return document
