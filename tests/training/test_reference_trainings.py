"""The training sections that the references ship train tiny copies of the architectures that they are of."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from support.diffusion_cases import CHANNELS, DIT, FRAMES, diffusion_model

from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config

UNET: dict[str, Any] = {
    "in_channels": CHANNELS,
    "context_embedding_features": 32,
    "context_embedding_max_length": 2,
    "channels": 16,
    "resnet_groups": 4,
    "kernel_multiplier_downsample": 2,
    "multipliers": [1, 1, 2],
    "factors": [1, 2],
    "num_blocks": [1, 1],
    "attentions": [0, 1, 1],
    "attention_heads": 2,
    "attention_features": 16,
    "attention_multiplier": 2,
    "use_nearest_upsample": False,
    "use_skip_scale": True,
    "use_context_time": True,
}
IDS = ["class", "seconds_total"]
DIT_2 = {
    "type": "dit",
    "diffusion_objective": "v",
    "global_cond_ids": ["seconds_total"],
    "config": {**DIT, "global_cond_dim": 32},
}
DIT_3 = {
    "type": "dit",
    "diffusion_objective": "rectified_flow",
    "global_cond_ids": ["seconds_total"],
    "local_add_cond_ids": ["inpaint_mask", "inpaint_masked_input"],
    "config": {**DIT, "global_cond_dim": 32, "global_cond_type": "adaLN", "local_add_cond_dim": CHANNELS + 1},
}
RATE = {"learning_rate": 4e-5}


def adamw(rate: float, scheduler: Any = None, **options: Any) -> dict[str, Any]:
    pair = {"optimizer": {"type": "AdamW", "config": {"lr": rate, **options}}}
    pair |= {} if scheduler is None else {"scheduler": scheduler}
    return {"learning_rate": None, "optimizer_configs": {"diffusion": pair}}


INVERSE = {"type": "InverseLR", "config": {"inv_gamma": 1000000, "power": 0.5, "warmup": 0.99}}
INPAINT_UNET = {"input_concat_ids": ["inpaint_mask", "inpaint_masked_input"]}
SECTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "stable_audio_1_0": ("diffusion_cond", {"type": "adp_cfg_1d", "config": UNET}, RATE),
    "stable_audio_2_0": (
        "diffusion_cond",
        DIT_2,
        {"use_ema": True, "log_loss_info": False, **adamw(5e-5, INVERSE, betas=[0.9, 0.999], weight_decay=1e-3)},
    ),
    # The reference's own section lacks `inpainting`, without which its trainer stops at the first step.
    "adp_inpaint": (
        "diffusion_cond_inpaint",
        {"type": "adp_cfg_1d", **INPAINT_UNET, "config": {**UNET, "context_channels": [CHANNELS + 1]}},
        {**RATE, "inpainting": {}},
    ),
    "dance_diffusion": ("diffusion_uncond", {}, {"learning_rate": 1e-4}),
    # Of scripts/train_lora.py, the model in place of its adapters.
    "stable_audio_3": (
        "diffusion_cond_inpaint",
        DIT_3,
        {
            "mask_loss_weight": 1.0,
            "mask_padding_attention": True,
            "silence_extension_scale_seconds": 4.0,
            "use_ema": False,
            "log_loss_info": False,
            "timestep_sampler": "trunc_logit_normal",
            "timestep_sampler_options": {},
            "inpainting": {"mask_kwargs": {"mask_type_probabilities": [0.1, 0.8, 0.1]}},
            **adamw(1e-4, weight_decay=0.01, betas=[0.9, 0.95]),
        },
    ),
}


@pytest.mark.parametrize("steps", [2, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_of_a_reference_trains(name: str, steps: int) -> None:
    kind, diffusion, training = SECTIONS[name]
    ids = {} if kind == "diffusion_uncond" else {"cross_attention_cond_ids": IDS}
    document = diffusion_model(kind, {**ids, **diffusion}, pre_encoded=True, **training)
    if "learning_rate" in training and training["learning_rate"] is None:
        del document["training"]["learning_rate"]
    if "input_concat_ids" in document["model"].get("diffusion", {}) and not diffusion.get("input_concat_ids"):
        del document["model"]["diffusion"]["input_concat_ids"]
    torch.manual_seed(0)
    trainer = create_training_wrapper_from_config(document, create_model_from_config(document))
    trainer.setup(Fabric(accelerator="cpu"))
    before = {key: value.detach().clone() for key, value in trainer.model.model.named_parameters()}
    latents = torch.randn(4, CHANNELS, FRAMES)
    metadata = [
        {"class": index % 3, "seconds_total": 0.06, "padding_mask": torch.arange(FRAMES) < 64 - 8 * index}
        for index in range(4)
    ]
    for step in range(steps):
        result = trainer.step([(latents, metadata)], step)
        assert result.problem is None
        assert torch.isfinite(result.values["loss"])
    moved = [key for key, value in trainer.model.model.named_parameters() if not torch.equal(value, before[key])]
    # Layers that start at zero keep the gradient from those in front of them, for a step.
    assert len(moved) > len(before) / 2
    assert not any(key.startswith("pretransform") for key in moved)
