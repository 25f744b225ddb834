"""Convolutions of large weights over few frames are products of matrices, with the same values and gradients."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning_fabric import Fabric
from support.training_cases import model_config
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config, short_convolutions
from narrows.training.short_convolutions import ShortConvolutions, has_large_convolutions
from narrows.training.weight_recomputation import recompute_weights


@pytest.fixture
def products(monkeypatch):
    """Weights that are multiplied, as large ones would be."""
    monkeypatch.setattr(short_convolutions, "LARGE", 1)
    return counted(monkeypatch)


def counted(monkeypatch):
    calls, multiply = [], torch.Tensor.flatten

    def flatten(self, *arguments):
        calls.append(self.shape)
        return multiply(self, *arguments)

    monkeypatch.setattr(torch.Tensor, "flatten", flatten)
    return calls


def results(layer, x):
    """Output, and gradients of input, weights and of a function of the gradient."""
    x = x.clone().requires_grad_()
    out = layer(x)
    parameters = [x, *layer.parameters()]
    gradients = torch.autograd.grad(out.pow(3).sum(), parameters, create_graph=True)
    again = torch.autograd.grad(gradients[0].square().sum(), parameters, allow_unused=True, materialize_grads=True)
    return [out, *gradients, *again]


@given(
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
    batch=st.integers(1, 3),
    frames=st.integers(1, 9),
    transposed=st.booleans(),
    bias=st.booleans(),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_values_and_gradients_are_those_of_a_convolution(
    kernel, stride, padding, dilation, batch, frames, transposed, bias, data
):
    torch.manual_seed(0)
    reach = dilation * (kernel - 1) + 1
    padding = min(padding, (reach - 1) // 2)
    common = {"stride": stride, "padding": padding, "dilation": dilation, "bias": bias}
    if transposed:
        extra = data.draw(st.integers(0, stride - 1))
        layer, length = nn.ConvTranspose1d(3, 4, kernel, output_padding=extra, **common), frames
    else:
        layer, length = nn.Conv1d(3, 4, kernel, **common), reach + frames
    layer, x = layer.double(), torch.randn(batch, 3, length, dtype=torch.float64)
    wanted = results(layer, x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(short_convolutions, "LARGE", 1)
        patch.setattr(short_convolutions, "DTYPE", torch.float64)
        calls = counted(patch)
        with ShortConvolutions():
            found = results(layer, x)
    assert layer.weight.shape in calls
    for own, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(own, other)


def test_weights_that_are_made_again_are_not_kept(products):
    torch.manual_seed(0)
    model = nn.Sequential(weight_norm(nn.Conv1d(4, 8, 5, 2)), nn.Tanh(), weight_norm(nn.ConvTranspose1d(8, 2, 4, 2)))
    x, plain = torch.randn(2, 4, 32), copy.deepcopy(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("narrows.training.weight_recomputation.LARGE", 1)
        assert recompute_weights(model) == 2
    plain(x).square().mean().backward()
    assert not products
    with ShortConvolutions():
        out = model(x)
        out.square().mean().backward()
    assert {(8, 4, 5), (8, 2, 4)} <= set(map(tuple, products))
    for own, other in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(own.grad, other.grad)


@pytest.mark.parametrize(
    "case", ["without a gradient", "frozen", "many frames", "groups", "half", "autocast", "words", "one signal"]
)
def test_what_stays_a_convolution(products, case):
    layer = nn.Conv1d(4, 4, 3, groups=2 if case == "groups" else 1, padding="same" if case == "words" else 1)
    x = torch.randn(1, 4, 300 if case == "many frames" else 8)
    if case == "half":
        layer, x = layer.bfloat16(), x.bfloat16()
    if case == "frozen":
        layer.requires_grad_(False)
    if case == "one signal":
        x = x[0]
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=case == "autocast")
    with ShortConvolutions(), autocast, torch.set_grad_enabled(case != "without a gradient"):
        layer(x)
    assert not products


def test_an_output_that_ends_behind_all_frames_stays_a_convolution(products):
    layer, x = nn.ConvTranspose1d(3, 4, 2, dilation=3, output_padding=2), torch.randn(1, 3, 5)
    with ShortConvolutions():
        out = layer(x)
    assert not products
    torch.testing.assert_close(out, layer(x))


def test_only_models_with_large_convolutions_have_any():
    assert not has_large_convolutions(nn.Sequential(nn.Conv1d(64, 64, 7), nn.Linear(2048, 2048)))
    assert not has_large_convolutions(nn.Conv1d(2048, 2048, 7, groups=2048))
    assert has_large_convolutions(nn.Sequential(weight_norm(nn.ConvTranspose1d(512, 256, 16))))


def one_step(large):
    """The values and gradients of a step of training, and the weights that were multiplied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(short_convolutions, "LARGE", large)
        torch.manual_seed(0)
        config = model_config({"type": "vae"})
        training = create_training_wrapper_from_config(config, create_model_from_config(config))
        training.setup(Fabric(accelerator="cpu", devices=1))
        gradients, parameters = {}, dict(training.model.named_parameters())
        training.groups["autoencoder"].optimizer.optimizer.register_step_pre_hook(
            lambda *_: gradients.update({name: one.grad.clone() for name, one in parameters.items()})
        )
        calls = counted(patch)
        audio = 0.3 * torch.randn(1, 2, 256, generator=torch.Generator().manual_seed(0))
        outcome = training.step([(audio, [{}])], 0)
        assert outcome.problem is None
        return outcome.values | gradients, calls


def test_a_step_of_training_is_the_same():
    wanted, none = one_step(1 << 20)
    found, some = one_step(1)
    assert len(some) > len(none)  # the losses flatten tensors of their own
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-5, msg=name)
