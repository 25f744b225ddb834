"""Language models of stable-audio-tools: logits, losses and codes as recorded, with and without a cache."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from support.goldens import Golden, golden_ids, load_golden
from support.tiny_lm import no_conditioners

from narrows.models import create_model_from_config
from narrows.models.checkpoints.load import load_content


def model_of(golden: Golden) -> Any:
    config = copy.deepcopy(golden.meta["config"])
    with no_conditioners():
        model = create_model_from_config(config)
    assert config == golden.meta["config"]
    assert golden.weights is not None
    load_content(model, {k: v for k, v in golden.weights.items() if not k.startswith("conditioner.")}, "golden")
    return model.eval()


def conditions_of(golden: Golden) -> dict[str, Any] | None:
    """What the conditioners gave, taken from the recorded inputs of the network."""
    if "inputs.cross_attn_cond" not in golden.outputs:
        return None
    cross = golden.outputs["inputs.cross_attn_cond"]
    ones = torch.ones(len(cross), 1)
    return {
        "genre": (cross[:, :1], ones),
        "seconds": (cross[:, 1:], ones),
        "bpm": (golden.outputs["inputs.prepend_cond"], golden.outputs["inputs.prepend_cond_mask"]),
    }


@pytest.mark.parametrize("name", golden_ids("lm", "lm_"))
def test_logits_and_losses(name: str) -> None:
    golden = load_golden("lm", name)
    model, tensors, codes = model_of(golden), conditions_of(golden), golden.inputs["codes"]
    if tensors is not None:
        for key, value in model.get_conditioning_inputs(tensors).items():
            if f"inputs.{key}" in golden.outputs:
                golden.assert_close(f"inputs.{key}", value)
    with torch.no_grad():
        out = model.compute_logits(codes, tensors)
        entropy = model.cross_entropy(codes, tensors)
        padded = model.cross_entropy(codes, tensors, mask=golden.inputs["padding_mask"])
    golden.assert_close("logits_is_nan", torch.isnan(out.logits))
    golden.assert_close("logits", out.logits.nan_to_num(0.0))
    golden.assert_close("mask", out.mask)
    golden.assert_close("cross_entropy", entropy.mean)
    golden.assert_close("cross_entropy_per_codebook", entropy.per_codebook)
    golden.assert_close("cross_entropy_padded", padded.mean)
    golden.assert_close("tokens_of_audio", model.tokenize(golden.inputs["audio"]))


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("name", golden_ids("lm", "lm_"))
def test_codes(name: str, cache: bool) -> None:
    golden = load_golden("lm", name)
    model, params = model_of(golden), golden.meta["params"]
    same: dict[str, Any] = {"batch_size": 2, "condition_tensors": conditions_of(golden), "cache": cache}
    frames, scale = params["gen_len"], params.get("cfg_scale", 1.0)
    greedy = model.generate_codes(frames, temperature=0.0, cfg_scale=scale, **same)
    golden.assert_close("greedy", greedy)
    prompt = golden.inputs["codes"][:, :, :2]
    golden.assert_close("greedy_continued", model.generate_codes(frames, temperature=0, prompt_codes=prompt, **same))
    torch.manual_seed(golden.meta["seed"])
    golden.assert_close("top_k_seeded", model.generate_codes(frames, temperature=0.9, top_k=4, **same))
    torch.manual_seed(golden.meta["seed"])
    golden.assert_close("top_p_seeded", model.generate_codes(frames, temperature=1.1, top_p=0.7, **same))
    golden.assert_close("greedy_audio", model.decode(greedy))
