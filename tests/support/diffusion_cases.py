"""Small diffusion models that train on tones in a moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from support.training_cases import RATE, model_config

FRAMES, RATIO, CHANNELS = 64, 8, 4
CLASSES = 3
DIT: dict[str, Any] = {
    "io_channels": CHANNELS,
    "embed_dim": 32,
    "depth": 2,
    "num_heads": 1,
    "cond_token_dim": 32,
    "project_cond_tokens": False,
}
CONDITIONING: dict[str, Any] = {
    "cond_dim": 32,
    "configs": [
        {"id": "class", "type": "int", "config": {"min_val": 0, "max_val": CLASSES - 1}},
        {"id": "seconds_total", "type": "number", "config": {"min_val": 0, "max_val": 1}},
    ],
}
INPAINTING = {"input_concat_ids": ["inpaint_mask", "inpaint_masked_input"]}
DEMO: dict[str, Any] = {"demo_every": 2, "demo_steps": 2, "num_demos": 2, "demo_cfg_scales": [2.0]}


def codec() -> dict[str, Any]:
    """The pretransform of a stereo codec of 8 samples a frame."""
    return {"type": "autoencoder", "config": model_config(width=CHANNELS)["model"]}


def diffusion_model(kind: str = "diffusion_cond", diffusion: Any = None, **training: Any) -> dict[str, Any]:
    """A model file with a training section."""
    model: dict[str, Any]
    if kind == "diffusion_uncond":
        config = {key: DIT[key] for key in ("embed_dim", "depth", "num_heads")} | {"in_channels": CHANNELS}
        model = {"type": "dit", "config": config, "pretransform": codec()}
        demo = {key: DEMO[key] for key in ("demo_every", "demo_steps", "num_demos")}
    else:
        config = dict(DIT)
        if kind == "diffusion_cond_inpaint":
            config["input_concat_dim"] = CHANNELS + 1
        options = {
            "type": "dit",
            "config": config,
            "cross_attention_cond_ids": ["class", "seconds_total"],
            "diffusion_objective": "rectified_flow",
            **(INPAINTING if kind == "diffusion_cond_inpaint" else {}),
            **(diffusion or {}),
        }
        conditioning = CONDITIONING
        model = {"io_channels": CHANNELS, "pretransform": codec(), "conditioning": conditioning, "diffusion": options}
        demo = DEMO
    if kind == "diffusion_cond_inpaint":
        training = {"inpainting": {"mask_kwargs": {"mask_type_probabilities": [0.4, 0.2, 0.4]}}, **training}
    return {
        "model_type": kind,
        "sample_rate": RATE,
        "sample_size": FRAMES * RATIO,
        "audio_channels": 2,
        "model": model,
        "training": {"learning_rate": 1e-3, "demo": demo, **training},
    }


def write_tones(folder: Path, count: int = 8) -> Path:
    """Stereo tones of three pitches, a crop long or shorter, with their class beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for index in range(count):
        length = FRAMES * RATIO if index % 2 == 0 else (40 + index) * RATIO
        time = np.arange(length) / RATE
        tone = 0.5 * np.sin(2 * np.pi * 200 * (1 + index % CLASSES) * time + index)
        stereo = np.stack([tone, tone], 1) + 0.01 * rng.standard_normal((length, 2))
        soundfile.write(folder / f"{index}.wav", stereo, RATE, subtype="FLOAT")
        (folder / f"{index}.json").write_text(json.dumps({"class": index % CLASSES}))
    return folder


def tone_data(folder: Path) -> dict[str, Any]:
    """The data set of such a folder, whose clips come as they are."""
    described = {"sidecar": "json", "fields": [{"name": "class", "type": "integer"}]}
    still = {"random_crop": False, "random_phase_flip": False, "drop_last": False}
    return {"dataset_type": "audio_dir", "path": str(folder), "metadata": described, **still}
