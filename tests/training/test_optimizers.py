import pytest
import torch
from torch import nn

from narrows.configs import ConfigError
from narrows.configs._families import FAMILIES
from narrows.training import create_optimizer_from_config


@pytest.mark.parametrize("name", FAMILIES["optimizer"].tags)
def test_every_type_is_torchs_class_and_goes_on_exactly(name, tmp_path):
    def steps(opt, weight, count):
        for _ in range(count):
            opt.zero_grad()
            (weight**2).sum().backward()
            opt.step()

    config = {"type": name, "config": {"lr": 0.05}}
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    opt = create_optimizer_from_config(config, [weight])
    assert type(opt) is getattr(torch.optim, name)
    steps(opt, weight, 3)
    torch.save(opt.state_dict(), tmp_path / "state")
    other_weight = nn.Parameter(weight.detach().clone())
    steps(opt, weight, 3)
    assert (weight**2).sum() < 5

    other = create_optimizer_from_config(config, [other_weight])
    other.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    steps(other, other_weight, 3)
    assert torch.equal(weight, other_weight)


@pytest.mark.parametrize("name", FAMILIES["optimizer"].tags)
def test_defaults_are_torchs(name):
    opt = create_optimizer_from_config({"type": name, "config": {"lr": 0.01}}, [nn.Parameter(torch.ones(1))])
    torchs = getattr(torch.optim, name)([nn.Parameter(torch.ones(1))], lr=0.01)
    kernel = {"fused": None}  # whether one kernel is used is ours to decide
    assert opt.defaults | kernel == torchs.defaults | kernel


def test_frozen_parameters_are_left_out():
    frozen, trained = nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 2)
    config = {"type": "AdamW", "config": {"lr": 0.1}}
    opt = create_optimizer_from_config(config, [*frozen.parameters(), *trained.parameters()])
    assert opt.param_groups[0]["params"] == list(trained.parameters())
    with pytest.raises(ValueError, match="all are frozen"):
        create_optimizer_from_config(config, frozen.parameters())


def test_an_unknown_optimizer_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match="AdamW") as caught:
        create_optimizer_from_config({"type": "adamw", "config": {"lr": 0.1}}, [])
    assert isinstance(caught.value, NotImplementedError)


@pytest.mark.parametrize(
    ("name", "options", "dtype", "fused"),
    [
        ("AdamW", {}, torch.float32, True),
        ("Adam", {}, torch.float32, True),
        ("AdamW", {"foreach": True}, torch.float32, False),
        ("AdamW", {"fused": False}, torch.float32, False),
        ("AdamW", {}, torch.float64, False),
    ],
)
def test_one_kernel_where_there_is_one(name, options, dtype, fused):
    weight = nn.Parameter(torch.ones(4, dtype=dtype))
    optimizer = create_optimizer_from_config({"type": name, "config": {"lr": 0.01, **options}}, [weight])
    assert bool(optimizer.defaults["fused"]) is fused


def test_one_kernel_steps_as_torch_does():
    weights = [nn.Parameter(torch.linspace(-1, 1, 64)) for _ in range(2)]
    ours = create_optimizer_from_config({"type": "AdamW", "config": {"lr": 0.01}}, weights[:1])
    theirs = torch.optim.AdamW(weights[1:], lr=0.01, foreach=False)
    for step in range(5):
        for weight, optimizer in zip(weights, (ours, theirs), strict=True):
            weight.grad = torch.linspace(1, step - 2, 64)
            optimizer.step()
    assert torch.allclose(*weights, atol=1e-6)
