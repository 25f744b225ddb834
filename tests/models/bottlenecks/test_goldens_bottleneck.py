"""Bottlenecks alone against the reference: values, tokens, losses, gradients and moving averages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import Golden, golden_ids, load_golden
from torch import Tensor

from narrows.models import create_bottleneck_from_config, load_checkpoint
from narrows.models.bottlenecks import Bottleneck, DiscreteBottleneck
from narrows.models.checkpoints.names import to_file

SOFTNORM_OF_STABLE_AUDIO_TOOLS = {"noise_level": 0.01, "noise_level_inference": 0.0}


def build(case: Golden, config: dict[str, Any], folder: Path) -> Bottleneck:
    bottleneck = create_bottleneck_from_config(config).train(case.meta["mode"] == "train")
    if case.weights is not None:
        save_file(case.weights, folder / "weights.safetensors")
        load_checkpoint(bottleneck, folder / "weights.safetensors")
    return bottleneck


def gradients(got: dict[str, Tensor], x: Tensor, case: Golden, bottleneck: Bottleneck) -> dict[str, Tensor]:
    """What the case asks of derivatives; see the goldens' README."""
    losses = {key: value for key, value in got.items() if f"grad_x.{key}" in case.outputs and key.startswith("info.")}
    objective = {"encoded": (got["encoded"] * case.inputs["cotangent"]).sum(), "encoded_sum": got["encoded"].sum()}
    found = {}
    for key, value in {**objective, **losses}.items():
        found[f"grad_x.{key}"] = torch.autograd.grad(value, x, retain_graph=True)[0]
    scalars = [v for k, v in got.items() if k.startswith("info.") and v.dim() == 0 and v.requires_grad]
    parameters = {name: p for name, p in bottleneck.named_parameters() if p.requires_grad}
    if parameters:
        total = objective["encoded"] + sum(scalars)
        wanted = torch.autograd.grad(total, list(parameters.values()), allow_unused=True)
        named = {k: v for k, v in zip(parameters, wanted, strict=True) if v is not None}
        found |= {f"grad_param.{name}": grad for name, grad in to_file(named).items()}
    return found


@pytest.mark.parametrize("name", golden_ids("bottleneck"))
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("bottleneck", name)
    bottleneck = build(case, case.meta["config"], tmp_path)
    seed, x = case.meta["seed"], case.inputs["x"].clone().requires_grad_()
    torch.manual_seed(seed)
    encoded, info = bottleneck.encode(x, return_info=True, **case.meta["params"].get("encode_kwargs", {}))
    got = {"encoded": encoded, **{f"info.{key}": value for key, value in info.items()}}
    got |= {f"after.{key}": value.clone() for key, value in bottleneck.state_dict().items()}
    if "cotangent" in case.inputs:
        got |= gradients({k: v for k, v in got.items() if not k.startswith("after.")}, x, case, bottleneck)
    torch.manual_seed(seed + 1)
    got["decode_out"] = bottleneck.decode(case.inputs["decode_in"])
    if "tokens" in case.outputs:
        assert isinstance(bottleneck, DiscreteBottleneck)
        for key, value in case.meta["json_outputs"].items():
            if key in {"num_quantizers", "codebook_size", "tokens_id"}:
                assert getattr(bottleneck, key) == value
        got["tokens"] = info[bottleneck.tokens_id]
        got["dequantised"] = bottleneck.dequantize(bottleneck.tokens(info))
        torch.manual_seed(seed + 1)
        got["decoded_from_tokens"] = bottleneck.decode_tokens(got["tokens"])
    if "mean" in case.outputs:
        got["mean"], got["scale"] = x.chunk(2, dim=1)
    for key in case.outputs:
        case.assert_close(key, got[key])


@pytest.mark.parametrize("name", golden_ids("same", "softnorm"))
def test_softnorm_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("same", name)
    options = case.meta["config"] | (SOFTNORM_OF_STABLE_AUDIO_TOOLS if "_sat_" in name else {})
    bottleneck = build(case, {"type": "softnorm", "config": options}, tmp_path)
    x = case.inputs["x"].clone().requires_grad_()
    encoded, info = bottleneck.encode(x, return_info=True)
    got = {"encoded": encoded, **{f"info.{key}": value for key, value in info.items()}}
    if "softnorm_loss" in info:
        got["grad_x.info.softnorm_loss"] = torch.autograd.grad(info["softnorm_loss"], x, retain_graph=True)[0]
    if "running_std_after" in case.outputs:
        got["running_std_after"] = bottleneck.state_dict()["running_std"]
    torch.manual_seed(case.meta["seed"] + 1)
    got["decode_out"] = bottleneck.decode(case.inputs["decode_in"])
    for key in case.outputs:
        case.assert_close(key, got[key])
