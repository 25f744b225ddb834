"""Adapters change a model as their kind says, at the strength and the noise levels that are asked for, and no more."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from support.adapters import base_model, content, new_adapters, predicted, trained
from torch import Tensor, nn

from narrows.models import load_model, save_model
from narrows.models.adapters import KINDS, AdapterError, AdapterUse, adapters_used, apply_adapters, write_adapter
from narrows.models.adapters.attach import attach, attached, detach, merge
from narrows.models.adapters.kinds import kind_name
from narrows.models.adapters.layer import LayerAdapter
from narrows.models.adapters.targets import chosen, expanded, layers
from narrows.models.codec import model_hash
from narrows.models.inference import prepare_for_inference

NINE = ("lora", "dora", "dora-rows", "dora-cols", "bora", "lora-xs", "dora-rows-xs", "dora-cols-xs", "bora-xs")
"""The kinds that stable-audio-3 offers."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(base_model(), tmp_path_factory.mktemp("base") / "model")


def written(base: Path, path: Path, kind: str = "lora", seed: int = 1, **options: Any) -> Path:
    model = load_model(base)
    adapters = trained(new_adapters(model, kind, **options), seed)
    return write_adapter(path, content(model, adapters, base=model_hash(model)))


@pytest.mark.parametrize("kind", NINE)
def test_a_kind_starts_as_the_base_trains_alone_and_merges(kind: str, base: Path) -> None:
    model = load_model(base).requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    plain = predicted(model)
    adapters = new_adapters(model, kind, scale=0.5)
    attach(model, adapters)
    torch.testing.assert_close(predicted(model), plain, rtol=1e-5, atol=1e-6)
    x = torch.randn(2, 4, 64)
    model(
        x, torch.tensor([0.3, 0.7]), model.conditioner([{"class": 1, "seconds_total": 0.1}] * 2, "cpu")
    ).sum().backward()
    reached = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert reached == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert reached
    assert all(name.rpartition(".")[2] in KINDS[kind_name(kind)].tensors for name in reached)
    trained(adapters)
    acting = predicted(model)
    assert (acting - plain).abs().max() > 1e-3
    detach(model, adapters)
    assert torch.equal(predicted(model), plain)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    merge(model, adapters)
    torch.testing.assert_close(predicted(model), acting, rtol=1e-5, atol=1e-5)
    assert model.state_dict().keys() == before.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_change_is_what_the_papers_say(kind: str) -> None:
    """Against the formulas, written out for a weight of a convolution."""
    torch.manual_seed(0)
    weight = torch.randn(6, 4, 3)
    flat = weight.reshape(6, 12)
    adapter = trained({"": LayerAdapter(weight, kind, 2, scale=1.5)}, size=0.3)[""]
    given = adapter.tensors()
    if kind.endswith("-xs"):
        u, s, _ = torch.linalg.svd(flat, full_matrices=False)
        vectors = adapter.get_buffer("update.U"), adapter.get_buffer("update.V")
        torch.testing.assert_close(vectors[0].abs(), u[:, :2].abs(), rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(vectors[0].T @ flat @ vectors[1], torch.diag(s[:2]), rtol=1e-4, atol=1e-4)
        changed = flat + 1.5 * vectors[0] @ given["M_xs"] @ vectors[1].T
    else:
        changed = flat + 1.5 * given["lora_B"] @ given["lora_A"]
    rows = given.get("magnitude_r", given.get("magnitude") if "rows" in kind else None)
    columns = given.get("magnitude_c", given.get("magnitude") if "cols" in kind else None)
    if rows is not None:
        changed = rows[:, None] * changed / changed.norm(dim=1, keepdim=True)
    if columns is not None:
        changed = columns[None] * changed / changed.norm(dim=0, keepdim=True)
    torch.testing.assert_close(adapter(weight), changed.reshape(6, 4, 3), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_strength_scales_the_update_and_0_is_the_base(kind: str, base: Path, tmp_path: Path) -> None:
    path = written(base, tmp_path / "a.safetensors", kind)
    plain = predicted(load_model(base))
    assert torch.equal(predicted(load_model(base, adapters=[f"{path}=0"])), plain)
    full, half = (predicted(load_model(base, adapters=[f"{path}={strength}"])) for strength in (1, 0.5))
    assert not torch.equal(full, half)
    assert not torch.equal(half, plain)


def test_loras_add_up_in_any_order(base: Path, tmp_path: Path) -> None:
    one, other = (str(written(base, tmp_path / f"{seed}.safetensors", seed=seed)) for seed in (1, 2))
    forth, back = (
        predicted(load_model(base, adapters=both)) for both in ([one, f"{other}=0.5"], [f"{other}=0.5", one])
    )
    torch.testing.assert_close(forth, back, rtol=1e-5, atol=1e-5)
    alone = predicted(load_model(base, adapters=[one]))
    assert (forth - alone).abs().max() > 1e-3
    twice = predicted(load_model(base, adapters=[one, f"{one}=-1"]))
    torch.testing.assert_close(twice, predicted(load_model(base)), rtol=1e-4, atol=1e-5)


def test_an_interval_holds_for_each_item_by_its_own_noise_level(base: Path, tmp_path: Path) -> None:
    low, high = (written(base, tmp_path / f"{seed}.safetensors", seed=seed) for seed in (1, 2))
    model, times = load_model(base), (0.1, 0.5, 0.9, 0.2)
    plain = predicted(model, times)
    alone = [predicted(load_model(base, adapters=[path]), times) for path in (low, high)]
    both = predicted(load_model(base, adapters=[low, high]), times)
    uses = [AdapterUse(low, interval=(0, 0.5)), AdapterUse(high, interval=(0.5, 1))]
    with adapters_used(model, uses):
        timed = predicted(model, times)
        guided = predicted(model, times, cfg_scale=3.0)
        given = model.get_conditioning_inputs(model.conditioner([{"class": 1, "seconds_total": 0.1}] * 4, "cpu"))
        inputs = {key: value for key, value in given.items() if value is not None}
        x = torch.randn(4, 4, 64, generator=torch.Generator().manual_seed(0))
        # In conditioners an adapter always acts, so that each part is compared with the same conditions.
        direct = model.model(x, torch.tensor(times), **inputs)
        singles = [
            model.model(x[i : i + 1], torch.tensor(times[i : i + 1]), **{k: v[i : i + 1] for k, v in inputs.items()})
            for i in range(4)
        ]
        hidden = model.predict(x, torch.tensor(times), inputs, return_info=True)[1]["hidden_states"]
    torch.testing.assert_close(direct, torch.cat(singles), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(timed[1], both[1], rtol=1e-4, atol=1e-5)
    assert [(timed[i] - alone[0][i]).abs().max() < (timed[i] - alone[1][i]).abs().max() for i in (0, 2, 3)] == [
        True,
        False,
        True,
    ]
    assert all(len(state) == 4 for state in hidden)
    for index, adapters in ((1, [low, high]), (2, [high])):  # 0.5 and 0.9: guided as with what acts there
        alike = predicted(load_model(base, adapters=adapters), times, cfg_scale=3.0)
        near = (guided[index] - alike[index]).abs().max()
        assert near < 1e-4 if index == 1 else near < (guided[index] - plain[index]).abs().max()
    assert torch.equal(predicted(model, times), plain)


def test_an_interval_without_conditioners_is_base_outside_and_adapter_inside(base: Path, tmp_path: Path) -> None:
    path = written(base, tmp_path / "a.safetensors", include=["transformer"])
    model = load_model(base, adapters=[f"{path}=1:0-0.5"])
    timed, plain = predicted(model), predicted(load_model(base))
    full = predicted(load_model(base, adapters=[path]))
    torch.testing.assert_close(timed[0], full[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(timed[1], plain[1], rtol=1e-5, atol=1e-5)
    prepare_for_inference(model)
    torch.testing.assert_close(predicted(model), timed, rtol=1e-5, atol=1e-5)


def test_layers_can_be_left_out_and_conditioners_have_a_strength(base: Path, tmp_path: Path) -> None:
    path = written(base, tmp_path / "a.safetensors")
    bare = load_model(base)
    before = {name: layer.weight.clone() for name, layer in layers(bare).items()}

    def changed(use: AdapterUse) -> set[str]:
        model = load_model(base, adapters=[use])
        return {name for name, layer in layers(model).items() if not torch.equal(layer.weight, before[name])}

    assert changed(AdapterUse(path)) == before.keys()
    without = changed(AdapterUse(path, without=("layers.[0-0].",)))
    assert without == {name for name in before if "layers.0." not in name}
    quiet = changed(AdapterUse(path, conditioner_strength=0.0))
    assert quiet == {name for name in before if not name.startswith("conditioner.")}


def test_the_hash_stays_that_of_the_base(base: Path, tmp_path: Path) -> None:
    path = written(base, tmp_path / "a.safetensors")
    expected = model_hash(load_model(base))
    assert model_hash(load_model(base, adapters=[path])) == expected
    assert model_hash(load_model(base, adapters=[f"{path}=1:0-0.5"])) == expected


def test_a_report_measures_the_change(base: Path, tmp_path: Path) -> None:
    path = written(base, tmp_path / "a.safetensors", include=["layers.1.", "seconds_total"])
    model = load_model(base)
    before = {name: layer.weight.detach().clone() for name, layer in layers(model).items()}
    report = apply_adapters(model, [f"{path}=0.5"])[0]
    changes = {name: 2 * (layer.weight.detach() - before[name]) for name, layer in layers(model).items()}
    touched = {name: change for name, change in changes.items() if change.any()}
    assert report.whole.layers == len(touched)
    assert report.whole.tensors == 2 * len(touched)
    block = [name for name in touched if ".layers.1." in name]
    part = report.parts["model.model.transformer.layers.1"]
    ratio = (
        torch.cat([touched[n].flatten() for n in block]).norm() / torch.cat([before[n].flatten() for n in block]).norm()
    )
    assert part.layers == len(block)
    assert part.ratio == pytest.approx(float(ratio), rel=1e-4)
    assert report.base == "same"
    assert "10 tensors" not in str(report)
    assert f"{2 * len(touched)} tensors in {len(touched)} layers" in str(report)
    other = base_model(seed=5)
    assert "another base" in str(apply_adapters(other, [path])[0])


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_without_effect_is_refused(kind: str, base: Path, tmp_path: Path) -> None:
    model = load_model(base)
    path = write_adapter(tmp_path / "a.safetensors", content(model, new_adapters(model, kind)))
    with pytest.raises(AdapterError, match="changes nothing"):
        load_model(base, adapters=[path])


def test_wrong_uses_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="must rise and lie in 0 to 1"):
        AdapterUse("a", interval=(0.5, 0.2))
    linear = nn.Sequential(nn.Linear(4, 4))
    path = write_adapter(tmp_path / "a.safetensors", content(linear, trained(new_adapters(linear, rank=2))))
    with pytest.raises(AdapterError, match="for diffusion models"):
        apply_adapters(linear, [f"{path}=1:0-0.5"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.safetensors", AdapterUse("a.safetensors")),
        ("runs/a=0.8", AdapterUse("runs/a", 0.8)),
        ("a:2", AdapterUse("a", 2.0)),
        ("C:\\a.safetensors=-.5:0.1-1", AdapterUse("C:\\a.safetensors", -0.5, (0.1, 1.0))),
        ("a=1e-1:0-0.95", AdapterUse("a", 0.1, (0.0, 0.95))),
        ("step=5.safetensors=2", AdapterUse("step=5.safetensors", 2.0)),
    ],
)
def test_a_use_is_read_from_text(text: str, expected: AdapterUse) -> None:
    assert AdapterUse.parse(text) == expected


def test_ranges_in_patterns_stand_for_numbers(base: Path) -> None:
    assert expanded("layers.[0-2].ff") == ["layers.0.ff", "layers.1.ff", "layers.2.ff"]
    assert expanded("[2-1]x[8-9]") == ["2x8", "2x9", "1x8", "1x9"]
    model = load_model(base)
    some = chosen(model, ["layers.[0-1]."], ["cross_attn"])
    assert some
    assert all(".layers." in name and "cross_attn" not in name for name in some)


def test_dropout_leaves_out_inputs_in_training_only() -> None:
    adapter = trained({"": LayerAdapter(torch.zeros(8, 64), "lora", 2, dropout=0.5)})[""]
    torch.manual_seed(0)
    gone: Tensor = (adapter(torch.zeros(8, 64)) == 0).all(dim=0)
    assert 10 < int(gone.sum()) < 54
    assert not (adapter.eval()(torch.zeros(8, 64)) == 0).any()


def test_normalised_weights_are_adapted_too() -> None:
    layer = nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 6, 3))
    model = nn.Sequential(layer)
    before = layer.weight.detach().clone()
    adapters = trained(new_adapters(model, rank=2))
    with attached(model, adapters):
        acting = layer.weight.detach().clone()
    assert torch.equal(layer.weight, before)
    merged = copy.deepcopy(model)
    merge(merged, adapters)
    torch.testing.assert_close(merged[0].weight, acting, rtol=1e-5, atol=1e-6)  # type: ignore[arg-type]
    assert not torch.equal(acting, before)
