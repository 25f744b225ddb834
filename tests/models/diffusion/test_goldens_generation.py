"""The generation functions of stable-audio-tools against their reference, number for number."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from models.diffusion.small_models import small
from safetensors.torch import save_file
from support.goldens import golden_ids, load_golden

from narrows.models import compat, create_model_from_config, load_checkpoint

DIT: dict[str, Any] = {"io_channels": 2, "embed_dim": 32, "depth": 1, "num_heads": 1, "ff_kwargs": {"mult": 1}}


@pytest.mark.parametrize("name", golden_ids("diffusion", "generate_"))
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("diffusion", name)
    model = create_model_from_config(case.meta["config"]).eval()
    assert case.weights is not None
    save_file({key: value.contiguous() for key, value in case.weights.items()}, tmp_path / "w.safetensors")
    load_checkpoint(model, tmp_path / "w.safetensors")
    params, said = case.meta["params"], case.meta["json_inputs"]
    options = {**params["kwargs"], "conditioning": said["conditioning"]}
    if params.get("negative"):
        options["negative_conditioning"] = said["negative_conditioning"]
    generate = compat.generate_diffusion_cond
    if "init_audio" in case.inputs:
        options["init_audio"] = (16000, case.inputs["init_audio"])
    if params.get("inpaint"):
        generate = compat.generate_diffusion_cond_inpaint
        options["inpaint_audio"] = (16000, case.inputs["inpaint_audio"])
        options["inpaint_mask"] = case.inputs["inpaint_mask"]
    same = {"batch_size": 2, "sample_size": 48, "seed": case.meta["seed"], "device": "cpu"}
    case.assert_close("latents", generate(model, **same, **copy.deepcopy(options), return_latents=True))
    case.assert_close("audio", generate(model, **same, **copy.deepcopy(options)))


def test_an_unconditional_model_varies_audio() -> None:
    options = {key: value for key, value in DIT.items() if key != "io_channels"}
    model = small("dit", {**options, "in_channels": 2}, "diffusion_uncond")
    audio = torch.randn(2, 50)
    made = [
        compat.generate_diffusion_uncond(
            model, 3, batch_size=2, sample_size=64, seed=3, init_audio=(16000, audio), init_noise_level=level
        )
        for level in (0.02, 5.0)
    ]
    assert made[0].shape == (2, 2, 64)
    near, far = (float((m[0, :, :50] - audio).norm()) for m in made)
    assert near < 0.2 * far


def test_one_mask_serves_all_items() -> None:
    told = {"input_concat_ids": ["inpaint_mask", "inpaint_masked_input"]}
    model = small("dit", {**DIT, "io_channels": 4, "input_concat_dim": 5}, "diffusion_cond_inpaint", **told)
    options = {"steps": 2, "conditioning_tensors": {}, "batch_size": 2, "sample_size": 32, "seed": 1}
    audio, mask = torch.randn(4, 32), torch.arange(32)[None] < 16
    one, two = (
        compat.generate_diffusion_cond_inpaint(
            model, **options, inpaint_audio=(16000, audio), inpaint_mask=m, sampler_type="v-ddim", sigma_max=1.0
        )
        for m in (mask, mask.expand(2, -1))
    )
    assert torch.equal(one, two)


def test_conditions_are_needed() -> None:
    with pytest.raises(ValueError, match="conditioning"):
        compat.generate_diffusion_cond(small("dit", {**DIT, "io_channels": 4}), sample_size=32)
