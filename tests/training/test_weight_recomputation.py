"""Normalised weights are made again in the backward pass, and nothing else changes."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from narrows.training import weight_recomputation
from narrows.training.weight_recomputation import recompute_weights


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setattr(weight_recomputation, "LARGE", 64)
    torch.manual_seed(0)
    layers = [
        weight_norm(nn.Conv1d(4, 8, 5, padding=2)),
        nn.Tanh(),
        weight_norm(nn.ConvTranspose1d(8, 8, 4, stride=2)),
        nn.Tanh(),
        weight_norm(nn.Conv1d(8, 2, 1)),  # small: keeps its weight
    ]
    return nn.Sequential(*layers)


@pytest.fixture
def normalised(monkeypatch):
    """The shapes of all weights that are made of their parts."""
    calls, make = [], torch._weight_norm

    def counted(*arguments):
        calls.append(arguments[0].shape)
        return make(*arguments)

    monkeypatch.setattr(torch, "_weight_norm", counted)
    return calls


def gradients(model, x):
    model.zero_grad()
    x = x.clone().requires_grad_()
    model(x).square().mean().backward()
    return [x.grad, *(parameter.grad for parameter in model.parameters())]


def test_the_same_gradients_of_weights_that_are_made_twice(plain, normalised):
    model, x = copy.deepcopy(plain), torch.randn(2, 4, 32)
    wanted = gradients(plain, x)
    assert len(normalised) == 3
    assert recompute_weights(model) == 2
    normalised.clear()
    for _ in range(2):
        assert all(map(torch.equal, gradients(model, x), wanted))
    assert len(normalised) == 2 * (3 + 2)


def test_the_weight_of_the_forward_pass_is_not_kept(plain):
    layer, made = plain[0], []
    layer.parametrizations["weight"].register_forward_hook(lambda _, __, weight: made.append(weight))
    assert layer(torch.randn(1, 4, 32)).grad_fn._saved_weight.data_ptr() == made[-1].data_ptr()
    recompute_weights(plain)
    kept = layer(torch.randn(1, 4, 32)).grad_fn._saved_weight
    assert kept.data_ptr() != made[-1].data_ptr()
    assert torch.equal(kept, made[-1])


def test_a_weight_changed_before_its_backward_pass_is_an_error(plain):
    recompute_weights(plain)
    loss = plain(torch.randn(2, 4, 32)).square().mean()
    with torch.no_grad():
        plain[0].parametrizations["weight"].original1.mul_(2)
    with pytest.raises(RuntimeError, match="changed between"):
        loss.backward()


def test_an_error_in_a_layer_leaves_nothing_behind(plain):
    recompute_weights(plain)
    with pytest.raises(RuntimeError):
        plain(torch.randn(2, 3, 32))
    hooks = plain[0]._forward_pre_hooks.values()
    assert all(not hook.__self__.open for hook in hooks)
    assert all(value is not None for value in gradients(plain, torch.randn(2, 4, 32)))


def test_without_gradients_nothing_is_made_twice(plain, normalised):
    recompute_weights(plain)
    with torch.no_grad():
        plain(torch.randn(2, 4, 32))
    assert len(normalised) == 3


def test_a_copy_recomputes_its_own_weights(plain):
    bare, x = copy.deepcopy(plain), torch.randn(2, 4, 32)
    recompute_weights(plain)
    model = copy.deepcopy(plain)
    with torch.no_grad():
        for one in (model, bare):
            for parameter in one.parameters():
                parameter.mul_(1.5)
    assert all(map(torch.equal, gradients(model, x), gradients(bare, x)))
