import pytest
import torch
from torch import nn

from narrows.training import EMA


def test_it_follows_the_references_schedule_and_copies_buffers():
    model = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    ema = EMA(model, decay=0.8)
    expected = model[0].weight.detach().clone()
    for update in range(20):
        with torch.no_grad():
            model[0].weight.add_(torch.randn(1, 2))
            model[1].running_mean.add_(1)
        ema.update(model)
        decay = min(0.8, 1 - (1 + update) ** -0.75)
        expected = decay * expected + (1 - decay) * model[0].weight.detach()
        torch.testing.assert_close(ema.model[0].weight, nn.Parameter(expected, requires_grad=False))
        assert torch.equal(ema.model[1].running_mean, model[1].running_mean)


def test_it_shares_nothing_with_the_model():
    model = nn.Linear(2, 2)
    ema = EMA(model)
    assert not any(parameter.requires_grad for parameter in ema.model.parameters())
    assert model.weight.requires_grad
    ema.update(model)
    assert ema.model.weight.data_ptr() != model.weight.data_ptr()
    assert not ema.model.training
    assert model.training


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_the_first_update_copies(decay):
    model = nn.Linear(2, 2)
    ema = EMA(model, decay)
    with torch.no_grad():
        model.weight.fill_(3)
    ema.update(model)
    assert torch.equal(ema.model.weight, model.weight)


class Conditioned(nn.Module):
    """A trained network beside a frozen encoder, and a buffer of its own."""

    def __init__(self):
        super().__init__()
        self.network = nn.ModuleDict({"body": nn.Linear(2, 2), "head": nn.BatchNorm1d(2)})
        self.encoder = nn.Linear(2, 2).requires_grad_(False)
        self.register_buffer("scale", torch.ones(2))


def test_only_what_is_named_is_copied():
    model = Conditioned().train()
    ema = EMA(model, 0.5, ["network.body"])
    assert ema.model.encoder is model.encoder
    assert ema.model.network["head"] is model.network["head"]
    assert ema.model.network["body"] is not model.network["body"]
    assert ema.select(ema.model.state_dict()).keys() == {"scale", "network.body.weight", "network.body.bias"}
    # What is shared stays as the model has it.
    assert model.network["head"].training
    assert model.network["head"].weight.requires_grad
    assert not ema.model.network["body"].training
    with torch.no_grad():
        model.network["body"].weight.fill_(3)
        model.scale.fill_(2)
    ema.update(model)
    assert torch.equal(ema.model.network["body"].weight, model.network["body"].weight)
    assert torch.equal(ema.model.scale, model.scale)
    assert ema.model.scale is not model.scale


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("decay", "updates"), [(0.9999, 20_000), (0.999, 4_000), (0.99, 1_000)])
def test_averages_of_16_bit_weights_are_those_of_float32(dtype, decay, updates):
    model, reference = nn.Linear(1, 1), nn.Linear(1, 1)
    emas = []
    for module, kind in ((model, dtype), (reference, torch.float32)):
        module.to(kind)
        nn.init.constant_(module.weight, 1.0)
        ema = EMA(module, decay)
        ema.updates = 10**9  # The largest decay from the start on.
        nn.init.constant_(module.weight, 1.25)
        for _ in range(updates):
            ema.update(module)
        emas.append(ema.model.weight)
    assert emas[0].dtype == torch.float32
    torch.testing.assert_close(*emas)
    assert emas[0].item() > 1.2


def test_it_runs_in_the_precision_of_its_model():
    model = Conditioned().to(torch.bfloat16)
    ema = EMA(model, 0.5, ["network"])
    weight = ema.model.network["body"].weight
    with torch.no_grad():
        weight += 1e-4  # Below the rounding of bfloat16.
    before = weight.clone()
    x = torch.ones(3, 2, dtype=torch.bfloat16)
    with ema.rounded_like(model):
        assert ema.model.network["body"](ema.model.encoder(x)).dtype == torch.bfloat16
    assert weight.dtype == torch.float32
    assert torch.equal(weight, before)
