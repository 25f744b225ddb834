"""Losses against the reference, value and gradient."""

from __future__ import annotations

import pytest
import torch
from support.goldens import Golden, golden_ids, load_golden

import narrows.losses as losses
from narrows.losses.spectral import AWeighting
from narrows.models import create_bottleneck_from_config, create_model_from_config

SIGNALS = ("mel", "mrstft", "s")


def build(spec: dict) -> torch.nn.Module:
    """A loss class of the case, by its name."""
    config = dict(spec["config"])
    if "inner" in config:
        config["loss_module"] = build(config.pop("inner"))
    return getattr(losses, spec["class"])(**config)


@pytest.mark.parametrize("name", [n for n in golden_ids("loss") if not isinstance(n, str) or n.startswith(SIGNALS)])
def test_signal_losses_match(name: str) -> None:
    case = load_golden("loss", name)
    loss = build(case.meta["config"])
    x, y = case.inputs["x"].requires_grad_(), case.inputs["y"]
    result = loss(x, y)
    first = result[0] if isinstance(result, tuple) else result
    first.sum().backward()
    swapped = loss(y, x)
    got = {"grad_x": x.grad, "loss_swapped": swapped[0] if isinstance(swapped, tuple) else swapped}
    if isinstance(result, tuple):
        for i, part in enumerate(result):
            flat = {f"loss.{i}": part} if torch.is_tensor(part) else {f"loss.{i}.{j}": p for j, p in enumerate(part)}
            got.update(flat)
    else:
        got["loss"] = result
    if "a_weighting_taps" in case.outputs:
        got["a_weighting_taps"] = AWeighting(case.meta["config"]["config"]["sample_rate"]).taps
    for key in case.outputs:
        case.assert_close(key, got[key])


def calls(module: losses.LossModule, info: dict, count: int) -> torch.Tensor:
    """One call a step."""
    values = []
    for step in range(count):
        module.set_step(step)
        values.append(module(info))
    return torch.stack(values)


@pytest.mark.parametrize("name", golden_ids("loss", "loss_modules"))
def test_loss_modules_match(name: str) -> None:
    case = load_golden("loss", name)
    for key, spec in case.meta["config"]["modules"].items():
        module = build(spec)
        case.assert_close(f"{key}.calls", calls(module, case.inputs, case.meta["params"]["calls"]))
        case.assert_close(f"{key}.weight_after", torch.tensor(module.weight))
    multi = losses.MultiLoss(build(spec) for spec in case.meta["config"]["multi"])
    total, terms = multi(case.inputs)
    case.assert_close("multi.total", total)
    for key, term in terms.items():
        case.assert_close(f"multi.{key}", term)


@pytest.mark.parametrize("name", golden_ids("loss", "ae_losses"))
def test_generator_losses_match(name: str) -> None:
    case = load_golden("loss", name)
    model = create_model_from_config(case.meta["config"]["model"])
    teacher = case.meta["params"].get("teacher", False)
    loss = losses.create_autoencoder_loss_from_config(case.meta["config"]["loss_config"], model, teacher=teacher)
    for step in range(case.meta["params"].get("calls", 1)):
        loss.set_step(step)
        total, terms = loss(case.inputs)
        case.assert_close(f"gen.{step}.total", total)
        for key, term in terms.items():
            case.assert_close(f"gen.{step}.{key}", term)
        assert len(terms) == sum(key.startswith(f"gen.{step}.") for key in case.outputs) - 1
    if "disc.total" in case.outputs:
        case.assert_close("disc.total", losses.create_discriminator_loss()(case.inputs)[0])


def assert_matches(case: Golden, want: dict, bottlenecks: dict) -> None:
    modules = losses.create_loss_modules_from_bottleneck(bottlenecks[want["bottleneck"]], want["loss_config"])
    assert [(m.name, m.key, m.decay) for m in modules] == [(m["name"], m["key"], m["decay"]) for m in want["modules"]]
    assert [m.weight for m in modules] == pytest.approx([m["weight"] for m in want["modules"]], rel=1e-6)


@pytest.mark.parametrize("name", golden_ids("loss", "from_bottleneck"))
def test_bottleneck_losses_match(name: str) -> None:
    case = load_golden("loss", name)
    bottlenecks = {c["type"]: create_bottleneck_from_config(c) for c in case.meta["config"]["bottlenecks"]}
    for want in case.meta["json_outputs"]["results"]:
        assert_matches(case, want, bottlenecks)
