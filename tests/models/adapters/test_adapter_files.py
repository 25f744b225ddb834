"""Adapters are read from and written to the files of stable-audio-3, PEFT and sd-scripts, strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from support.adapters import base_model, content, new_adapters, predicted, trained
from torch import Tensor, nn

from narrows.models.adapters import (
    KINDS,
    AdapterError,
    AdapterUse,
    adapters_used,
    apply_adapters,
    read_adapter,
    write_adapter,
)
from narrows.models.adapters.attach import attached
from narrows.models.adapters.bases import read_bases, write_bases
from narrows.models.adapters.conversion import convert_adapter, extract_adapter
from narrows.models.adapters.fitting import fitted
from narrows.models.adapters.layer import LayerAdapter
from narrows.models.adapters.targets import layers
from narrows.models.checkpoints import CheckpointError


@pytest.fixture(scope="module")
def model() -> Any:
    return base_model()


def acting(model: Any, path: Path) -> Tensor:
    with adapters_used(model, [AdapterUse(path)]):
        return predicted(model)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read(kind: str, model: Any, tmp_path: Path) -> None:
    adapters = trained(new_adapters(model, kind, rank=3, scale=2.0))
    with attached(model, adapters):
        expected = predicted(model)
    path = write_adapter(tmp_path / "a.safetensors", content(model, adapters, base="abc", config={"dropout": 0.1}))
    found = read_adapter(path)
    assert (found.kind, found.rank, found.base, found.source) == (kind, 3, "abc", "narrows")
    assert found.config["dropout"] == 0.1
    torch.testing.assert_close(acting(model, path), expected, rtol=1e-6, atol=1e-6)


def test_the_names_are_those_of_stable_audio_3(model: Any, tmp_path: Path) -> None:
    """Its loader takes `lora_config` from the header, and tensors by the names of parametrizations."""
    adapters = trained(new_adapters(model, "bora-xs", scale=0.5, include=["layers.0.self_attn", "seconds_total"]))
    path = write_adapter(tmp_path / "a.safetensors", content(model, adapters))
    start = "model.transformer.layers.0.self_attn.to_qkv.parametrizations.weight.0."
    names = set(load_file(path))
    assert {start + end for end in ("M_xs", "magnitude_r", "magnitude_c")} <= names
    assert "conditioners.seconds_total.embedder.embedding.1.parametrizations.weight.0.M_xs" in names
    with safe_open(path, framework="pt") as file:
        options = json.loads(file.metadata()["lora_config"])
    assert options == {"rank": 4, "alpha": 2.0, "adapter_type": "bora-xs", "narrows": {"version": 1}}


def test_a_file_of_stable_audio_3_is_read(model: Any, tmp_path: Path) -> None:
    """In float16, with its options; and its Lightning checkpoint, with what older ones call DoRA."""
    adapters = trained(new_adapters(model, "dora-cols", rank=4, scale=2.0))
    for adapter in adapters.values():
        for parameter in adapter.parameters():
            parameter.data = parameter.data.half().float()
    with attached(model, adapters):
        expected = predicted(model)
    ours = load_file(write_adapter(tmp_path / "ours.safetensors", content(model, adapters)))
    options = {"rank": 4, "alpha": 8.0, "adapter_type": "dora-cols", "include": None, "exclude": None}
    theirs = tmp_path / "theirs.safetensors"
    save_file({name: value.half() for name, value in ours.items()}, theirs, {"lora_config": json.dumps(options)})
    assert read_adapter(theirs).source == "stable-audio-3"
    torch.testing.assert_close(acting(model, theirs), expected, rtol=1e-5, atol=1e-6)
    old = {name: value[None] if name.endswith("magnitude") else value for name, value in ours.items()}
    checkpoint = tmp_path / "old.ckpt"
    torch.save({"state_dict": old, "lora_config": {**options, "adapter_type": "dora"}}, checkpoint)
    torch.testing.assert_close(acting(model, checkpoint), expected, rtol=1e-5, atol=1e-6)


def test_other_ranks_and_scales_of_layers_are_written_as_one(model: Any, tmp_path: Path) -> None:
    first, second = (new_adapters(model, "lora", rank=rank, scale=scale) for rank, scale in ((2, 1.0), (5, 3.0)))
    mixed = trained({name: (first if index % 2 else second)[name] for index, name in enumerate(first)})
    with attached(model, mixed):
        expected = predicted(model)
    path = write_adapter(tmp_path / "a.safetensors", content(model, mixed))
    assert {layer.rank for layer in read_adapter(path).layers.values()} == {5}
    torch.testing.assert_close(acting(model, path), expected, rtol=1e-5, atol=1e-6)


class Tiny(nn.Module):
    """Layers of both classes."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.blocks = nn.ModuleList([nn.Conv1d(8, 8, 3, padding=1)])
        self.last = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, 6)` → `(B, 5)`."""
        hidden = torch.tanh(self.first(x))[:, :, None].expand(-1, -1, 4)
        return self.last(torch.tanh(self.blocks[0](hidden)).mean(-1))  # type: ignore[no-any-return]


@pytest.mark.parametrize("dora", [False, True])
@pytest.mark.parametrize("stable", [False, True])
def test_peft_computes_the_same(dora: bool, stable: bool, tmp_path: Path) -> None:
    """What PEFT saves acts here as there, with ranks and scales of single layers."""
    peft = pytest.importorskip("peft")
    torch.manual_seed(0)
    model, x = Tiny(), torch.randn(3, 6)
    options = peft.LoraConfig(
        r=4,
        lora_alpha=6,
        use_dora=dora,
        use_rslora=stable,
        target_modules=["first", "blocks.0", "last"],
        rank_pattern={"first": 2},
        alpha_pattern={"last": 3},
    )
    import copy

    theirs = peft.get_peft_model(copy.deepcopy(model), options).eval()
    for name, parameter in theirs.named_parameters():
        if "lora" in name:
            parameter.data += 0.2 * torch.randn_like(parameter)
    theirs.save_pretrained(tmp_path / "peft")
    found = read_adapter(tmp_path / "peft")
    assert (found.source, found.kind) == ("PEFT", "dora-rows" if dora else "lora")
    expected = theirs(x)
    assert (expected - model(x)).abs().max() > 1e-2
    apply_adapters(model, [tmp_path / "peft"])
    torch.testing.assert_close(model(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["lora", "dora-rows", "lora-xs", "dora-rows-xs"])
def test_peft_reads_what_is_written_for_it(kind: str, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    torch.manual_seed(0)
    model, x = Tiny(), torch.randn(3, 6)
    adapters = trained(new_adapters(model, kind, rank=3, scale=0.7), size=0.2)
    with attached(model, adapters):
        expected = model(x)
    path = write_adapter(tmp_path / "a.safetensors", content(model, adapters))
    convert_adapter(path, tmp_path / "peft", "peft", model)
    theirs = peft.PeftModel.from_pretrained(model, tmp_path / "peft").eval()
    torch.testing.assert_close(theirs(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["dora-cols", "bora", "bora-xs"])
def test_kinds_that_peft_lacks_are_not_written_for_it(kind: str, model: Any, tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "a.safetensors", content(model, trained(new_adapters(model, kind))))
    with pytest.raises(AdapterError, match="PEFT has no adapters of the kind"):
        convert_adapter(path, tmp_path / "peft", "peft", model)
    assert not (tmp_path / "peft").exists()


def test_there_and_back(model: Any, tmp_path: Path) -> None:
    adapters = trained(new_adapters(model, "dora", scale=0.5))
    path = write_adapter(tmp_path / "a.safetensors", content(model, adapters))
    convert_adapter(path, tmp_path / "peft", "peft", model)
    back = tmp_path / "b.safetensors"
    convert_adapter(tmp_path / "peft", back, "narrows", model)
    before, after = load_file(path), load_file(back)
    assert before.keys() == after.keys()
    for name, value in before.items():
        torch.testing.assert_close(after[name], value)


def test_a_file_of_sd_scripts_is_read(model: Any, tmp_path: Path) -> None:
    """Names with underscores, a scale a layer, norms of DoRA as a column."""
    adapters = trained(new_adapters(model, "dora-rows", rank=4, scale=0.5, include=["transformer.layers"]))
    with attached(model, adapters):
        expected = predicted(model)
    tensors = {}
    for name, adapter in adapters.items():
        given = adapter.tensors()
        start = f"lora_unet_{name.removeprefix('model.model.').replace('.', '_')}"
        tensors[f"{start}.lora_down.weight"] = given["lora_A"].clone()
        tensors[f"{start}.lora_up.weight"] = given["lora_B"].clone()
        tensors[f"{start}.dora_scale"] = given["magnitude"][:, None].clone()
        tensors[f"{start}.alpha"] = torch.tensor(2.0)
    save_file(tensors, tmp_path / "a.safetensors")
    assert read_adapter(tmp_path / "a.safetensors").source == "sd-scripts"
    torch.testing.assert_close(acting(model, tmp_path / "a.safetensors"), expected, rtol=1e-5, atol=1e-6)


def test_names_of_no_layer_are_told_with_the_nearest(model: Any, tmp_path: Path) -> None:
    given = content(model, trained(new_adapters(model, include=["layers.0.self_attn"])))
    renamed = {name.replace("to_qkv", "to_qkw"): layer for name, layer in given.layers.items()}
    path = write_adapter(tmp_path / "a.safetensors", type(given)(given.kind, renamed))
    with pytest.raises(AdapterError) as told:
        acting(model, path)
    assert "1 of its 2 layers are none of this model's" in str(told.value)
    wrong = "model.transformer.layers.0.self_attn.to_qk"
    assert f"{wrong}w (nearest: {wrong}v)" in str(told.value)


def test_an_adapter_of_a_wider_model_is_refused(model: Any, tmp_path: Path) -> None:
    linear = nn.Linear(48, 96)
    layer = content(nn.Sequential(linear), {"0": trained({"": LayerAdapter(linear.weight, "lora", 2)})[""]}).layers["0"]
    name = "model.transformer.layers.0.self_attn.to_qkv"
    path = write_adapter(tmp_path / "a.safetensors", type(content(model, new_adapters(model)))("lora", {name: layer}))
    with pytest.raises(AdapterError, match=r"of another model:\n  .*to_qkv: lora_A is \(2, 48\)"):
        acting(model, path)


def broken(path: Path, **changes: Any) -> Path:
    tensors = load_file(path)
    for end, change in changes.items():
        name = next(name for name in tensors if name.endswith(f".{end}"))
        value = change(tensors.pop(name))
        if value is not None:
            tensors[name] = value
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    save_file(tensors, path.with_name("broken.safetensors"), header)
    return path.with_name("broken.safetensors")


def test_files_that_are_no_adapters_say_why(model: Any, tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "a.safetensors", content(model, trained(new_adapters(model))))
    with pytest.raises(AdapterError, match="No such adapter"):
        read_adapter(tmp_path / "missing")
    with pytest.raises(AdapterError, match="holds no adapter"):
        read_adapter(tmp_path)
    with pytest.raises(AdapterError, match="lacks lora_B, for an adapter of the kind lora"):
        read_adapter(broken(path, lora_B=lambda _: None))
    with pytest.raises(AdapterError, match=r"not finite \(lora_A\)"):
        read_adapter(broken(path, lora_A=lambda value: value * torch.nan))
    for dtype in (torch.int8, torch.complex64, torch.bool):
        with pytest.raises(AdapterError, match=f"is .*{str(dtype).removeprefix('torch.')}.*, which are no weights"):
            read_adapter(broken(path, lora_A=lambda value, dtype=dtype: value.to(dtype)))
    save_file({"weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(AdapterError, match="is no adapter of stable-audio-3, PEFT or sd-scripts"):
        read_adapter(tmp_path / "model.safetensors")
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(CheckpointError):
        read_adapter(tmp_path / "text.safetensors")
    folder = tmp_path / "other_method"
    folder.mkdir()
    save_file({"base_model.model.x.lora_A.weight": torch.zeros(2, 2)}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text('{"peft_type": "LOHA"}')
    with pytest.raises(AdapterError, match="method LOHA"):
        read_adapter(folder)


def test_a_difference_of_two_models_becomes_a_lora(model: Any, tmp_path: Path) -> None:
    tuned = base_model()
    apply = trained(new_adapters(tuned, "lora", rank=3))
    with attached(tuned, apply):
        expected = predicted(tuned)
        weights = {name: layer.weight.detach().clone() for name, layer in layers(tuned).items()}
    for name, layer in layers(tuned).items():
        layer.weight.data.copy_(weights[name])  # type: ignore[union-attr,operator]
    found = extract_adapter(model, tuned, rank=3)
    assert found.share == pytest.approx(1.0, abs=1e-5)
    assert found.left == []
    path = write_adapter(tmp_path / "a.safetensors", found.content)
    torch.testing.assert_close(acting(model, path), expected, rtol=1e-4, atol=1e-5)
    assert 0 < extract_adapter(model, tuned, rank=1).share < 0.99
    with pytest.raises(AdapterError, match="the same weights"):
        extract_adapter(model, base_model(), rank=3)


def test_singular_vectors_come_from_a_file(model: Any, tmp_path: Path) -> None:
    weights = {name: layer.weight.detach() for name, layer in layers(model).items()}
    write_bases(tmp_path / "bases.pt", weights, rank=4)  # type: ignore[arg-type]
    bases = read_bases(tmp_path / "bases.pt")
    given = content(model, trained(new_adapters(model, "lora-xs", rank=4)))
    computed, known = fitted(model, given, "a"), fitted(model, given, "a", bases)
    for name, adapter in computed.items():
        assert torch.equal(adapter.get_buffer("update.U"), known[name].get_buffer("update.U"))
    wide = content(model, trained(new_adapters(model, "lora-xs", rank=6)))
    with pytest.raises(AdapterError, match="Write the file anew"):
        fitted(model, wide, "a", bases)
    torch.save({"x.weight": {"U": 1}}, tmp_path / "other.pt")
    with pytest.raises(AdapterError, match="holds no singular vectors"):
        read_bases(tmp_path / "other.pt")
