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
