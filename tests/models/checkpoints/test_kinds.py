"""What is taken for weights, and what files of other habits hold."""

from __future__ import annotations

import argparse
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from narrows.models import CheckpointError, create_model_from_config, load_checkpoint, load_model, save_model
from narrows.models.checkpoints.kinds import finite
from narrows.models.checkpoints.names import to_file
from narrows.models.checkpoints.wrappers import WRAPPERS

TINY: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": 44100,
    "sample_size": 4096,
    "audio_channels": 2,
    "model": {
        "encoder": {
            "type": "oobleck",
            "config": {"in_channels": 2, "channels": 8, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 8},
        },
        "decoder": {
            "type": "oobleck",
            "config": {"out_channels": 2, "channels": 8, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 8},
        },
        "latent_dim": 8,
        "downsampling_ratio": 8,
        "io_channels": 2,
    },
}
AUDIO = torch.randn(1, 2, 512, generator=torch.Generator().manual_seed(0)) * 0.1


def build(seed: int = 0) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return create_model_from_config(TINY).eval()


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return {name: tensor.clone().contiguous() for name, tensor in to_file(build(1).state_dict()).items()}


@pytest.fixture
def file(tmp_path: Path, weights: dict[str, Tensor]) -> Path:
    save_file(weights, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


@pytest.fixture(scope="module")
def latents() -> Tensor:
    with torch.no_grad():
        return build(1).encode(AUDIO)


def check(path: Path, want: Tensor) -> None:
    model = build()
    load_checkpoint(model, path)
    with torch.no_grad():
        torch.testing.assert_close(model.encode(AUDIO), want)


@pytest.mark.parametrize(
    "kind", [torch.int8, torch.uint8, torch.int64, torch.bool, torch.complex64, torch.float8_e4m3fn]
)
def test_other_kinds_are_no_weights(tmp_path: Path, weights: dict[str, Tensor], kind: torch.dtype) -> None:
    content = {name: tensor.to(kind) for name, tensor in weights.items()}
    torch.save({"state_dict": content}, tmp_path / "x.ckpt")
    before = build()
    model = build()
    with pytest.raises(CheckpointError, match=rf"{len(weights)} of {len(weights)} tensors are {str(kind)[6:]}"):
        load_checkpoint(model, tmp_path / "x.ckpt")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), before.parameters(), strict=True))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_floats_of_any_width_are(tmp_path: Path, weights: dict[str, Tensor], kind: torch.dtype) -> None:
    torch.save({name: tensor.to(kind) for name, tensor in weights.items()}, tmp_path / "x.pt")
    assert load_checkpoint(build(), tmp_path / "x.pt").tensors == len(weights)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_named(tmp_path: Path, weights: dict[str, Tensor], value: float) -> None:
    name = "decoder.layers.0.weight_v"
    broken = {**weights, name: weights[name].clone()}
    broken[name].view(-1)[7] = value
    save_file(broken, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match=rf"not finite: 1 of {len(weights)} tensors \({name}\)"):
        load_checkpoint(build(), tmp_path / "x.safetensors")


def test_a_filter_that_is_zero_loads_from_folded_weights(tmp_path: Path) -> None:
    model = build()
    for module in model.modules():
        if nn.utils.parametrize.is_parametrized(module):
            nn.utils.parametrize.remove_parametrizations(module, "weight")
    with torch.no_grad():
        model.encoder.layers[0].weight[0] = 0
        model.decoder.layers[-1 if isinstance(model.decoder.layers[-1], nn.Conv1d) else -2].weight[:] = 0
    save_model(model, tmp_path / "folded")
    loaded = load_model(tmp_path / "folded")
    with torch.no_grad():
        torch.testing.assert_close(loaded.encode(AUDIO), model.encode(AUDIO), atol=1e-5, rtol=1e-4)
        assert torch.isfinite(loaded.decode(loaded.encode(AUDIO))).all()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda name: f"module.{name}",
        lambda name: f"_orig_mod.{name}",
        lambda name: f"_orig_mod.module.{name}",
        lambda name: f"module._orig_mod.{name}",
        lambda name: name.replace("encoder.", "encoder._orig_mod."),
        lambda name: f"autoencoder.module.{name}",
        lambda name: f"autoencoder.{name.replace('decoder.layers.', 'decoder.layers._orig_mod.')}",
    ],
)
def test_prefixes_of_wrappers_anywhere(tmp_path: Path, weights: dict[str, Tensor], latents: Tensor, wrap: Any) -> None:
    torch.save({"state_dict": {wrap(name): tensor for name, tensor in weights.items()}}, tmp_path / "x.ckpt")
    check(tmp_path / "x.ckpt", latents)


def test_two_tensors_for_one_name_are_reported(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    name = next(iter(weights))
    torch.save({**weights, f"module.{name}": weights[name]}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=rf"module\.{name}"):
        load_checkpoint(build(), tmp_path / "x.pt")


@pytest.mark.parametrize("part", [None, "encoder"])
def test_compiled_models_save_and_load(tmp_path: Path, part: str | None, file: Path, latents: Tensor) -> None:
    model = build(1)
    if part is None:
        wrapped: Any = torch.compile(model, backend="eager")
    else:
        setattr(model, part, torch.compile(getattr(model, part), backend="eager"))
        wrapped = model
    save_model(wrapped, tmp_path / "x")
    check(tmp_path / "x", latents)
    load_checkpoint(wrapped, file)


@pytest.mark.parametrize("key", ["model", "generator", "model_state_dict", "state_dict", "net", "weights", "mine"])
def test_keys_that_hold_the_weights(tmp_path: Path, weights: dict[str, Tensor], latents: Tensor, key: str) -> None:
    others = {"epoch": 3, "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}}
    discriminator = {"discriminator": {"convs.0.weight": torch.ones(2, 2)}}
    torch.save({**discriminator, key: weights, **others}, tmp_path / "x.pt")
    check(tmp_path / "x.pt", latents)


def test_a_file_without_weights_says_what_it_has(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "hyper_parameters": {"lr": 0.1}}, tmp_path / "x.pt")
    with pytest.raises(
        CheckpointError, match=r"holds no weights; its keys are epoch \(int\), hyper_parameters \(dict\)"
    ):
        load_checkpoint(build(), tmp_path / "x.pt")


@pytest.mark.parametrize("name", ["weights", "weights.bin", "weights.ckpt", "weights.pt"])
def test_safetensors_of_any_name(tmp_path: Path, weights: dict[str, Tensor], latents: Tensor, name: str) -> None:
    save_file(weights, tmp_path / name)
    check(tmp_path / name, latents)


def test_a_pickle_called_safetensors(tmp_path: Path, weights: dict[str, Tensor], latents: Tensor) -> None:
    torch.save(weights, tmp_path / "x.safetensors")
    check(tmp_path / "x.safetensors", latents)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "diffusion_pytorch_model.safetensors", "model.safetensors"])
@pytest.mark.parametrize("sharded", [False, True])
def test_weights_in_folders(
    tmp_path: Path, weights: dict[str, Tensor], latents: Tensor, name: str, sharded: bool
) -> None:
    def write(content: dict[str, Tensor], path: Path) -> None:
        save_file(content, path) if path.suffix == ".safetensors" else torch.save(content, path)

    if sharded:
        names = list(weights)
        parts = {f"part-{i}{Path(name).suffix}": names[i::3] for i in range(3)}
        for part, members in parts.items():
            write({member: weights[member] for member in members}, tmp_path / part)
        places = {member: part for part, members in parts.items() for member in members}
        (tmp_path / f"{name}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    else:
        write(weights, tmp_path / name)
    check(tmp_path, latents)


@pytest.mark.parametrize("place", ["../outside.safetensors", "/etc/passwd"])
def test_an_index_names_only_files_beside_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": place}}))
    with pytest.raises(CheckpointError, match="is not a file beside it"):
        load_checkpoint(build(), tmp_path)


@pytest.mark.parametrize("value", [np.float64(3.0), Path("x"), argparse.Namespace(a=1)])
def test_other_values_beside_the_weights_are_named_in_one_line(
    tmp_path: Path, weights: dict[str, Tensor], value: object
) -> None:
    torch.save({"state_dict": weights, "extra": value}, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, match=r"\((numpy|pathlib|argparse)[\w.]*\)") as caught:
        load_checkpoint(build(), tmp_path / "x.ckpt")
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_file_of_another_model_is_summed_up(tmp_path: Path) -> None:
    torch.save({f"backbone.blocks.{i}.weight": torch.ones(2) for i in range(90)}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"0 of its 90 tensors fit the model's \d+") as caught:
        load_checkpoint(build(), tmp_path / "x.pt")
    text = str(caught.value)
    assert "the file's begin with backbone.blocks. (90)" in text
    assert "the model's begin with encoder.layers." in text
    assert len(text) < 1000


def test_a_model_on_the_meta_device_takes_no_weights(file: Path) -> None:
    with torch.device("meta"):
        model = create_model_from_config(TINY)
    with pytest.raises(CheckpointError, match="on the meta device"):
        load_checkpoint(model, file)


def test_a_loaded_model_is_in_evaluation_mode(file: Path) -> None:
    model = build().train()
    load_checkpoint(model, file)
    assert not any(module.training for module in model.modules())


def test_no_module_of_ours_is_called_like_a_wrapper() -> None:
    assert not {part for name in build().state_dict() for part in name.split(".")} & WRAPPERS


@pytest.mark.parametrize("content", [pickle.dumps(argparse.Namespace(a=1), protocol=2), b"<html>", b"\x00" * 40])
def test_what_is_no_checkpoint_is_said_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"x\.ckpt") as caught:
        load_checkpoint(build(), tmp_path / "x.ckpt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64])
def test_what_is_finite_is_told_exactly(dtype: torch.dtype) -> None:
    """The sum of large numbers overflows, and infinities of both signs make NaN."""
    largest = torch.finfo(dtype).max
    for values in ([largest] * 5, [largest, -largest, 1.0], [], [0.0]):
        assert finite(torch.tensor(values, dtype=dtype))
    for values in (
        [float("inf"), float("-inf")],
        [float("nan")],
        [1.0, float("inf"), 2.0],
        [largest] * 3 + [float("nan")],
    ):
        assert not finite(torch.tensor(values, dtype=dtype))
