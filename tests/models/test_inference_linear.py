"""Linear layers of prepared models: the same results in oneDNN, and as they were wherever that is not for them."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from narrows.models.blocks.linear import PlannedLinear, is_linear
from narrows.models.blocks.transformer.feedforward import GLU, FeedForward, Sine
from narrows.models.blocks.transformer.stepping import lay_out
from narrows.models.inference import prepare_for_inference
from narrows.models.inference.cpu import linear
from narrows.models.inference.precision.layers import kernels_of
from narrows.models.inference.precision.trials import largest_difference

SHAPES = [(7, 12), (2, 5, 12), (2, 3, 4, 12)]


class Called(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Which operators of oneDNN are called."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if func.namespace == "mkldnn":
            self.names.append(func.__name__)
        return func(*args, **(kwargs or {}))


def called(run: Callable[[], object]) -> list[str]:
    with Called() as mode:
        run()
    return mode.names


@pytest.fixture(params=[True, False], ids=["packed", "as they lie"])
def keeps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether weights are kept a second time, which those of large models are not."""
    monkeypatch.setattr(linear, "KEPT_TWICE", 2**26 if request.param else 0)
    return bool(request.param)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [True, False])
def test_a_prepared_layer_gives_what_it_gave(shape: tuple[int, ...], bias: bool, keeps: bool) -> None:
    torch.manual_seed(0)
    layer, x = nn.Sequential(nn.Linear(12, 20, bias=bias)), torch.randn(shape)
    expected = layer(x).detach()
    prepare_for_inference(layer)
    with torch.inference_mode():
        torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)
        assert any("_linear_pointwise" in name for name in called(lambda: layer(x)))


@pytest.mark.parametrize("activation", [nn.SiLU(), Sine()])
def test_a_gate_is_applied_with_its_product(activation: nn.Module, keeps: bool) -> None:
    """SiLU is one of oneDNN's activations, the sine is not; one row alone is left to torch."""
    torch.manual_seed(0)
    layer, x = GLU(12, 20, activation), torch.randn(2, 5, 12)
    expected, alone = layer(x).detach(), layer(x[:1, :1]).detach()
    prepare_for_inference(layer)
    with torch.inference_mode():
        torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(layer(x[:1, :1]), alone, atol=1e-5, rtol=1e-5)
        # Behind one row, a full batch again: nothing that was kept is mistaken for something else.
        torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)
        names = called(lambda: layer(x))
        assert any("binary" in name for name in names) == isinstance(activation, nn.SiLU)
        assert not called(lambda: layer(x[:1, :1]))


def test_changed_weights_and_copies_are_heeded(keeps: bool) -> None:
    torch.manual_seed(0)
    model, x = FeedForward(12, zero_init_output=False), torch.randn(2, 5, 12)
    prepare_for_inference(model)
    with torch.inference_mode():
        first = model(x)
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(2)
        plain = FeedForward(12)
        plain.load_state_dict(other.state_dict())
        expected = plain(x)
        torch.testing.assert_close(other(x), expected, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(model(x), first, atol=0, rtol=0)


def test_gradients_and_autocast_see_the_layer_as_it_is() -> None:
    layer, x = nn.Sequential(nn.Linear(12, 20)), torch.randn(3, 12)
    prepare_for_inference(layer)
    layer.requires_grad_(True)
    layer(x).sum().backward()
    assert layer[0].weight.grad is not None
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert layer(x).dtype == torch.bfloat16


def test_sixteen_bit_is_gated_from_the_wide_sums() -> None:
    """What oneDNN gates has not been rounded yet, so the result is at least as near as torch's."""
    torch.manual_seed(0)
    layer, x = GLU(64, 128, nn.SiLU()), torch.randn(1, 33, 64)
    expected = layer(x).detach()
    rounded = copy.deepcopy(layer).bfloat16()
    theirs = (rounded(x.bfloat16()).float() - expected).square().mean()
    prepare_for_inference(layer, torch.bfloat16)
    with torch.inference_mode():
        ours = (layer(x.bfloat16()).float() - expected).square().mean()
    assert ours <= 1.1 * theirs


def test_weights_are_turned_around_in_memory_only() -> None:
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(8, 24, bias=False), nn.Linear(24, 8)), torch.randn(1, 8)
    expected, state = model(x).detach(), {name: value.clone() for name, value in model.state_dict().items()}
    lay_out(model)
    assert [layer.weight.is_contiguous() for layer in model] == [False, True]
    with torch.no_grad():
        torch.testing.assert_close(model(x), expected)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_only_plain_layers_take_a_plan() -> None:
    class Other(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(4, 4), Other(4, 4))
    prepare_for_inference(model)
    assert type(model[0]) is PlannedLinear
    assert type(model[1]) is Other
    assert [is_linear(layer) for layer in model] == [True, False]


def test_what_is_computed_in_sixteen_bit_is_tried_first() -> None:
    layers = {"proj": GLU(64, 128, nn.SiLU()).proj, "gate": GLU(64, 128, nn.SiLU())}
    kernels = {name: kernels_of(layer, packed=True) for name, layer in layers.items()}
    assert [kernel.kind for kernel in kernels["proj"]] == ["linear", "packed linear"]
    assert [kernel.arguments.get("gated") for kernel in kernels["gate"]] == [True]
    for kernel in (*kernels["proj"], *kernels["gate"]):
        assert largest_difference(kernel, torch.bfloat16, False) < 1
