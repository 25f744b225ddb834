"""A layer in float32 inside a model of 16 bit: saved, copied, folded and trained like any other."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from narrows.models.float32_layers import Float32Layer, compute_in_float32, plain_class
from narrows.models.inference import fold_weight_norm

HALF = [torch.bfloat16, torch.float16]


def layer() -> nn.Conv1d:
    torch.manual_seed(0)
    return nn.Conv1d(3, 4, 5)


def x() -> Tensor:
    return torch.randn(2, 3, 20, generator=torch.Generator().manual_seed(1))


def in_float32(module: nn.Module) -> nn.Module:
    compute_in_float32(module)
    return module


@pytest.mark.parametrize("dtype", HALF)
def test_casts_leave_it_alone(dtype: torch.dtype) -> None:
    exact, model = layer(), nn.Sequential(in_float32(layer()), nn.Conv1d(4, 2, 1)).to(dtype)
    assert model[0].weight.dtype == torch.float32
    assert torch.equal(model[0].weight, exact.weight)
    assert model[1].weight.dtype == dtype
    assert model.half()[0].weight.dtype == model.bfloat16()[0].weight.dtype == torch.float32
    assert model.double()[0].weight.dtype == torch.float64
    assert model.to("meta")[0].weight.device.type == "meta"


@pytest.mark.parametrize("dtype", HALF)
def test_results_are_those_of_float32(dtype: torch.dtype) -> None:
    short = x().to(dtype)
    got = in_float32(layer())(short)
    assert got.dtype == dtype
    assert torch.equal(got, layer()(short.float()).to(dtype))


def test_autocast_ends_at_its_door() -> None:
    seen = []
    model = nn.Sequential(in_float32(layer()), nn.Conv1d(4, 2, 1))
    model[0].register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.autocast("cpu", torch.bfloat16):
        out = model(x())
    assert out.dtype == torch.bfloat16
    assert torch.equal(seen[0], layer()(x()))
    out.float().sum().backward()
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in model.parameters())


def test_keyword_arguments_tuples_and_states() -> None:
    torch.manual_seed(0)
    plain = nn.LSTM(3, 4)
    module = in_float32(copy.deepcopy(plain))
    start = (torch.zeros(1, 2, 4, dtype=torch.bfloat16),) * 2
    sequence = torch.randn(5, 2, 3).bfloat16()
    out, (hidden, cell) = module(sequence, hx=start)
    assert out.dtype == hidden.dtype == cell.dtype == torch.bfloat16
    wanted, _ = plain(sequence.float())
    assert torch.equal(out, wanted.bfloat16())


def test_integers_and_double_pass_through() -> None:
    assert in_float32(nn.Embedding(4, 3))(torch.tensor([1])).dtype == torch.float32
    assert in_float32(layer()).double()(x().double()).dtype == torch.float64


def test_the_state_dict_stays_as_it_was() -> None:
    module = in_float32(layer())
    assert list(module.state_dict()) == list(layer().state_dict())
    other = layer()
    other.load_state_dict(module.state_dict())
    assert repr(module) == repr(other)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_are_float32_too(copied) -> None:
    module = copied(in_float32(layer())).bfloat16()
    assert isinstance(module, Float32Layer)
    assert plain_class(module) is nn.Conv1d
    assert torch.equal(module(x()), layer()(x()).bfloat16())


def test_twice_is_once() -> None:
    module = in_float32(in_float32(layer()))
    assert plain_class(module) is nn.Conv1d


def test_weight_norm_is_folded_as_usual() -> None:
    module = in_float32(weight_norm(layer())).bfloat16()
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    copied = copy.deepcopy(module)
    wanted = module(x())
    assert fold_weight_norm(nn.Sequential(module)) == 1
    assert isinstance(module, Float32Layer)
    assert plain_class(module) is nn.Conv1d
    torch.testing.assert_close(module(x()), wanted)
    assert torch.equal(copied(x()), wanted)


def test_it_compiles_as_one_graph() -> None:
    model = nn.Sequential(in_float32(layer()), nn.Conv1d(4, 2, 1)).bfloat16()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x().bfloat16()), model(x().bfloat16()))


def test_outputs_are_of_the_type_around_it_whatever_comes_in() -> None:
    module = in_float32(layer()).bfloat16()
    assert module(x()).dtype == torch.bfloat16
    assert module.to("cpu")(x()).dtype == torch.bfloat16
    assert copy.deepcopy(module)(x()).dtype == torch.bfloat16
    assert module.half()(x()).dtype == torch.float16
    assert module.float()(x()).dtype == torch.float32
