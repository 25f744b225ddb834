import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from narrows.configs import ConfigError, OptimizerPairConfig
from narrows.configs._families import FAMILIES
from narrows.training import create_optimizer_from_config
from narrows.training.optim.parameter_groups import create_parameter_group

OF_TORCH = [name for name in FAMILIES["optimizer"].tags if name != "Muon"]


@pytest.mark.parametrize("name", OF_TORCH)
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


@pytest.mark.parametrize("name", OF_TORCH)
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


class Mixed(nn.Module):
    """Kernels, a table, gains, and a kernel with a single output."""

    def __init__(self):
        super().__init__()
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(3, 8, 5))
        self.table = nn.Embedding(10, 4)
        self.out = nn.Conv1d(8, 1, 3)


def muon(model, **options):
    tables = [model.table.weight]
    config = {"type": "Muon", "config": {"lr": 0.02, **options}}
    return create_optimizer_from_config(config, model.parameters(), embeddings=tables)


def test_muon_takes_matrices_and_leaves_the_rest_to_adamw():
    model = Mixed()
    matrices, rest = muon(model, adamw_lr=1e-3).param_groups
    assert matrices["params"] == [model.conv.parametrizations.weight.original1]
    assert {id(p) for p in rest["params"]} == {id(p) for p in model.parameters()} - {id(matrices["params"][0])}
    assert (matrices["lr"], rest["lr"]) == (0.02, 1e-3)
    assert [group["lr"] for group in muon(model).param_groups] == [0.02, 0.02]


def test_an_update_of_muon_is_orthogonal_and_as_large_as_the_rate_says():
    weight = nn.Parameter(torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(0)))
    before = weight.detach().clone()
    optimizer = create_optimizer_from_config({"type": "Muon", "config": {"lr": 0.1, "ns_steps": 12}}, [weight])
    weight.grad = torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(1))
    optimizer.step()
    step = (before - weight.detach()).reshape(6, 12) / (0.1 * 0.2 * 12**0.5)
    # Newton-Schulz iterations with these coefficients bring singular values near one, and no closer.
    values = torch.linalg.svdvals(step)
    assert ((values > 0.6) & (values < 1.3)).all()


def test_muon_goes_on_exactly_and_with_the_moments_of_another_run(tmp_path):
    def group(seed):
        torch.manual_seed(seed)
        pair = {"optimizer": {"type": "Muon", "config": {"lr": 0.02}}}
        fabric = Fabric(accelerator="cpu", devices=1)
        return create_parameter_group("own", Mixed(), OptimizerPairConfig.model_validate(pair), fabric)

    def steps(own, count):
        for step in range(count):
            for parameter in own.parameters:
                parameter.grad = torch.full_like(parameter, step + 1.0) * torch.linspace(-1, 1, parameter.shape[-1])
            own.update()

    first = group(0)
    steps(first, 3)
    torch.save(first.state_dict(), tmp_path / "state")
    other, taken = group(1), group(2)
    for one in (other, taken):
        one.module.load_state_dict(first.module.state_dict())
    state = torch.load(tmp_path / "state", weights_only=True)
    other.load_state_dict(state)
    taken.take_over(torch.load(tmp_path / "state", weights_only=True)["optimizer"])
    for one in (first, other, taken):
        steps(one, 3)
    for parameter, resumed, went_on in zip(first.parameters, other.parameters, taken.parameters, strict=True):
        assert torch.equal(parameter, resumed)
        assert torch.equal(parameter, went_on)


def test_muon_refuses_complex_weights():
    with pytest.raises(ValueError, match="complex"):
        create_optimizer_from_config(
            {"type": "Muon", "config": {"lr": 0.1}}, [nn.Parameter(torch.ones(4, 4, dtype=torch.complex64))]
        )
