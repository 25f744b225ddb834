"""16 bit on a CPU: only with kernels that were tried, and float32 for the layers whose kernels fail."""

from __future__ import annotations

import copy
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from support import probes
from support.tiny_models import RATIO, build
from torch import nn

from narrows.models.blocks.layers import Layers
from narrows.models.export.graphs import parts_of
from narrows.models.float32_layers import Float32Layer
from narrows.models.inference import keep_exact, prepare_for_inference, to_dtype
from narrows.models.inference.precision import process, verdicts
from narrows.models.kernels import convolution
from narrows.models.receptive_field import receptive_field

BAD = '"groups": 1, "padding": [3], "stride": [1], "weight": [8, 2, 7]'
"""The first convolution of the encoder below."""
FIRST = "encoder.layers.0"


def sound() -> torch.Tensor:
    return torch.randn(2, 2, RATIO * 24, generator=torch.Generator().manual_seed(1))


def float32_layers(model: nn.Module) -> list[str]:
    return [name for name, layer in model.named_modules() if isinstance(layer, Float32Layer)]


@pytest.fixture
def model() -> Any:
    return build("oobleck", "oobleck")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("verdict", ["wrong", "missing", "endless", "crashed"])
def test_only_layers_with_bad_kernels_become_float32(
    model: Any, dtype: torch.dtype, verdict: str, monkeypatch: Any, tmp_path: Path, caplog: Any
) -> None:
    log = probes.install(monkeypatch, tmp_path, {BAD: verdict})
    to_dtype(model, dtype)
    assert float32_layers(model) == [FIRST]
    for name, parameter in model.named_parameters():
        assert parameter.dtype == (torch.float32 if name.startswith(f"{FIRST}.") else dtype)
    [record] = caplog.records
    name = str(dtype).removeprefix("torch.")
    assert record.message.startswith(f"{name} on this processor: 1 of 32 layers compute in float32, 1 with kernels")
    assert f"({FIRST})" in record.message
    # What hangs or dies takes a new process for the rest.
    assert len(log.read_text().splitlines()) == (2 if verdict in ("endless", "crashed") else 1)


def test_a_bad_layer_computes_as_in_float32(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    wanted = copy.deepcopy(model.encoder.layers[0])
    to_dtype(model, torch.bfloat16)
    x = sound().bfloat16()
    got = model.encoder.layers[0](x)
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got, wanted(x.float()).bfloat16(), atol=0, rtol=0)
    assert model(x).dtype == torch.bfloat16


def test_verdicts_are_kept(model: Any, monkeypatch: Any, tmp_path: Path, caplog: Any) -> None:
    log = probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    for _ in range(2):
        again = to_dtype(copy.deepcopy(model), torch.bfloat16)
        assert float32_layers(again) == [FIRST]
    assert len(log.read_text().splitlines()) == 1
    assert len(caplog.records) == 2


def test_only_new_kernels_are_tried(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    log = probes.install(monkeypatch, tmp_path)
    keep_exact({"": model.encoder}, torch.bfloat16, gradients=True)
    keep_exact({"": model}, torch.bfloat16, gradients=True)
    first, second = ({tuple(k) for k in json.loads(line)["kernels"]} for line in log.read_text().splitlines())
    assert not first & second


@pytest.mark.parametrize("variable", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY"])
def test_another_setting_of_the_libraries_is_another_machine(
    model: Any, variable: str, monkeypatch: Any, tmp_path: Path
) -> None:
    log = probes.install(monkeypatch, tmp_path)
    keep_exact({"": model}, torch.bfloat16, gradients=True)
    monkeypatch.setenv(variable, "AVX2")
    keep_exact({"": model}, torch.bfloat16, gradients=True)
    first, second = (json.loads(line)["kernels"] for line in log.read_text().splitlines())
    assert first == second


@pytest.mark.parametrize("content", ["", "{}", "[[1]]", '[["a", 1, 2]', "\x00"])
def test_a_damaged_cache_is_no_cache(content: str, model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    log = probes.install(monkeypatch, tmp_path)
    keep_exact({"": model}, torch.bfloat16, gradients=True)
    [file] = (tmp_path / "cache" / "narrows" / "kernels").iterdir()
    good = file.read_text()
    file.write_text(content)
    keep_exact({"": model}, torch.bfloat16, gradients=True)
    assert len(log.read_text().splitlines()) == 2
    assert file.read_text() == good


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    (tmp_path / "cache").write_text("a file")
    assert keep_exact({"": model}, torch.bfloat16, gradients=True) == 1


@pytest.mark.parametrize("reason", ["frozen", "no interpreter", "silent", "ends"])
def test_without_a_process_everything_is_float32(
    reason: str, model: Any, monkeypatch: Any, tmp_path: Path, caplog: Any
) -> None:
    probes.install(monkeypatch, tmp_path)
    if reason == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    elif reason == "no interpreter":
        monkeypatch.setattr(process, "COMMAND", (str(tmp_path / "nothing"),))
    elif reason == "silent":
        monkeypatch.setattr(process, "START_LIMIT", 0.0)
    else:
        monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", ""))
    wanted = model(sound())
    prepare_for_inference(model, torch.bfloat16)
    [record] = caplog.records
    assert "32 of 32 layers compute in float32, 32 with kernels that could not be tried" in record.message
    got = model(sound().bfloat16()).float()
    assert (got - wanted).norm() < 0.02 * wanted.norm()  # rounded between layers
    assert not (tmp_path / "cache").exists()


def test_prepared_models_honour_it(model: Any, monkeypatch: Any, tmp_path: Path, caplog: Any) -> None:
    """Packed kernels are others than those of `nn.Conv1d`."""
    log = probes.install(monkeypatch, tmp_path, {f'packed convolution{{"bias": true, "dilation": [1], {BAD}': "wrong"})
    prepared = prepare_for_inference(model, torch.bfloat16)
    assert prepared.dtype == torch.bfloat16
    assert float32_layers(model) == [FIRST]
    with torch.inference_mode():
        got = model(sound().bfloat16())
    assert got.dtype == torch.bfloat16
    # How near it is rests on the other kernels, which the stand-in has not tried.
    assert bool(got.isfinite().all())
    [request] = map(json.loads, log.read_text().splitlines())
    assert request["gradients"] is False
    assert len(caplog.records) == 1


def test_a_model_that_is_in_16_bit_already_is_tried_too(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    prepare_for_inference(model.to(torch.bfloat16))
    assert float32_layers(model) == [FIRST]
    assert model(sound().bfloat16()).dtype == torch.bfloat16


def test_float32_and_other_devices_are_left_alone(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    log = probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    prepare_for_inference(copy.deepcopy(model))
    to_dtype(copy.deepcopy(model), torch.float64)
    keep_exact({"": model.to("meta")}, torch.bfloat16, gradients=True)
    assert log.read_text() == ""


def test_nothing_global_changes(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    state = torch.get_rng_state(), torch.get_num_threads(), torch.backends.mkldnn.enabled
    to_dtype(model, torch.bfloat16)
    assert torch.equal(torch.get_rng_state(), state[0])
    assert (torch.get_num_threads(), torch.backends.mkldnn.enabled) == state[1:]
    assert not isinstance(nn.Conv1d(1, 1, 1), Float32Layer)


@pytest.mark.parametrize("kind", ["oobleck", "dac", "seanet"])
def test_receptive_fields_and_plans_stay_as_they_were(kind: str, monkeypatch: Any, tmp_path: Path, caplog: Any) -> None:
    probes.install(monkeypatch, tmp_path, {"convolution": "wrong"})
    exact, half = build(kind, kind), build(kind, kind)
    prepare_for_inference(exact)
    prepare_for_inference(half, torch.bfloat16)
    assert len(float32_layers(half)) > 10
    assert len(caplog.records) == 1
    for one, other in zip((exact.encoder, exact.decoder), (half.encoder, half.decoder), strict=True):
        wanted, field = receptive_field(one), receptive_field(other)
        assert dataclasses.replace(field, obstacles=(), recurrences=()) == dataclasses.replace(
            wanted, obstacles=(), recurrences=()
        )
        assert len(field.obstacles) == len(wanted.obstacles)
        plans = [[module.plan for module in part.modules() if isinstance(module, Layers)] for part in (one, other)]
        assert [len(plan.groups) for plan in plans[0]] == [len(plan.groups) for plan in plans[1]]


def test_exported_graphs_are_float32_also_of_such_a_model(model: Any, monkeypatch: Any, tmp_path: Path) -> None:
    probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    to_dtype(model, torch.bfloat16, gradients=False)
    parts = parts_of(model)
    assert {p.dtype for part in parts for p in part.graph.parameters()} == {torch.float32}
    for part in parts:
        assert part.graph(part.example(1, part.fewest)).dtype == torch.float32


FAULTY = """
import ctypes
import torch
from torch.nn import functional as F
from narrows.models.inference.precision import probe, trials

honest = F.conv1d

def conv1d(x, weight, *rest):
    out = honest(x, weight, *rest)
    if x.dtype == torch.bfloat16 and len(weight) == 3:
        out = out + (out == out.max())  # one wrong number
    if x.dtype == torch.bfloat16 and len(weight) == 4 and x.shape[-1] > 40:
        ctypes.PyDLL(None).pause()  # native code that holds the interpreter's lock
    return out

F.conv1d = conv1d
probe.main()
"""


def test_a_wrong_kernel_and_an_endless_one_are_found(monkeypatch: Any, tmp_path: Path) -> None:
    """The real process and comparison, with two kernels of torch replaced in it."""
    (tmp_path / "faulty.py").write_text(FAULTY)
    monkeypatch.setattr(process, "COMMAND", (sys.executable, str(tmp_path / "faulty.py")))
    monkeypatch.setattr(process, "KERNEL_LIMIT", 10.0)
    kernels = [convolution([out, 2, 3], [1], [1], [1], 1, bias=True) for out in (2, 3, 4, 5)]
    found = process.try_kernels(kernels, torch.bfloat16, gradients=False)
    assert list(found.values()) == ["right", "wrong", "endless", "right"]


def test_the_processor_is_part_of_the_key(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path))
    kernel = convolution([2, 2, 3], [1], [1], [1], 1, bias=True)
    verdicts.remember({kernel: "right"}, torch.bfloat16, False)
    assert verdicts.known_verdicts(torch.bfloat16, False) == {kernel: "right"}
    assert verdicts.known_verdicts(torch.bfloat16, True) == {}
    assert verdicts.known_verdicts(torch.float16, False) == {}
    monkeypatch.setattr(verdicts, "_processor", lambda: "another")
    assert verdicts.known_verdicts(torch.bfloat16, False) == {}
