"""Files of every program that is accepted, and the strictness of loading."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from narrows.models import CheckpointError, create_model_from_config, load_checkpoint
from narrows.models.checkpoints.names import to_file

OOBLECK: dict[str, Any] = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2]}
DAC = {
    "encoder": {"type": "dac", "config": {"d_model": 4, "strides": [2, 2]}},
    "decoder": {"type": "dac", "config": {"latent_dim": 16, "channels": 16, "rates": [2, 2]}},
    "bottleneck": {
        "type": "dac_rvq",
        "config": {"input_dim": 16, "codebook_size": 8, "n_codebooks": 2, "codebook_dim": 3},
    },
    "latent_dim": 16,
}
SEANET = {
    "encoder": {"type": "seanet", "config": {"dimension": 8, "n_filters": 4, "ratios": [2, 2]}},
    "decoder": {"type": "seanet", "config": {"dimension": 8, "n_filters": 4, "ratios": [2, 2]}},
    "bottleneck": {"type": "rvq", "config": {"dim": 8, "codebook_size": 8, "num_quantizers": 2}},
    "latent_dim": 8,
}
PLAIN = {
    "encoder": {"type": "oobleck", "config": {**OOBLECK, "in_channels": 1, "latent_dim": 6}},
    "decoder": {"type": "oobleck", "config": {**OOBLECK, "out_channels": 1, "latent_dim": 6}},
    "bottleneck": {"type": "rvq", "config": {"dim": 6, "codebook_size": 8, "num_quantizers": 2, "codebook_dim": 3}},
    "latent_dim": 6,
}


@cache
def built(parts: str, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model = {"downsampling_ratio": 4, "io_channels": 1, **json.loads(parts)}
    module: nn.Module = create_model_from_config({"model_type": "autoencoder", "sample_rate": 16000, "model": model})
    return module.eval()


def build(parts: dict[str, Any], seed: int = 0) -> nn.Module:
    return copy.deepcopy(built(json.dumps(parts), seed))


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in to_file(model.state_dict()).items()}


def randomized(model: nn.Module, seed: int = 1) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point() and tensor.numel() > 1:
            tensor.copy_(torch.randn(tensor.shape, generator=generator).abs() + 0.1)
    return model


def same_weights(first: nn.Module, second: nn.Module, exact: bool = True) -> None:
    for key, value in first.state_dict().items():
        tolerance = {"atol": 0.0, "rtol": 0.0} if exact else {"atol": 1e-6, "rtol": 1e-5}
        torch.testing.assert_close(second.state_dict()[key], value, **tolerance, msg=lambda text, k=key: f"{k}: {text}")


def prefixed(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {prefix + key: value for key, value in state.items()}


def descript(state: dict[str, Tensor]) -> dict[str, Any]:
    """As `dac.DAC.save` writes a model: the whole codec is one module there."""
    names = {
        key.replace("encoder.encoder.", "encoder.")
        .replace("decoder.decoder.", "decoder.")
        .replace("bottleneck.quantizer.", "quantizer."): value
        for key, value in state.items()
    }
    return {"state_dict": names, "metadata": {"kwargs": {"encoder_dim": 4, "encoder_rates": [2, 2]}, "logs": {}}}


def encodec(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """As `encodec.model.EncodecModel`: codebooks without a leading axis, `inited`."""
    names = {}
    for key, value in state.items():
        name = key.replace("bottleneck.quantizer.layers.", "quantizer.vq.layers.").replace(".initted", ".inited")
        names[name] = value[0] if name.endswith(("embed", "embed_avg", "cluster_size")) else value
    return names


def lightning(state: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Any]:
    """As the autoencoder wrapper of stable-audio-tools with a moving average."""
    tensors = {
        **prefixed(other, "autoencoder."),
        **prefixed(state, "autoencoder_ema.ema_model."),
        "autoencoder_ema.initted": torch.tensor(True),
        "autoencoder_ema.step": torch.tensor(3),
        "discriminator.discriminators.0.weight": torch.zeros(2),
        "sdstft.stft_losses.0.window": torch.zeros(4),
        "losses_gen.losses.0.weight": torch.zeros(1),
    }
    return {"state_dict": tensors, "pytorch-lightning_version": "2.5.0", "global_step": 7, "optimizer_states": []}


Writer = Callable[[dict[str, Tensor], dict[str, Tensor]], dict[str, Any]]
FORMATS: dict[str, tuple[dict[str, Any], Writer, str]] = {
    "bare": (PLAIN, lambda state, other: state, "weights under the model's names"),
    "state_dict": (PLAIN, lambda state, other: {"state_dict": state}, "weights under the model's names"),
    "lightning": (PLAIN, lightning, "stable-audio-tools wrapper (autoencoder)"),
    "lightning without average": (
        PLAIN,
        lambda state, other: {"state_dict": prefixed(state, "autoencoder.")},
        "stable-audio-tools wrapper (autoencoder)",
    ),
    "training": (
        PLAIN,
        lambda state, other: {"state_dict": {**prefixed(other, "model."), **prefixed(state, "ema.")}},
        "training checkpoint",
    ),
    "descript": (DAC, lambda state, other: descript(state), "descript-audio-codec"),
    "encodec": (SEANET, lambda state, other: encodec(state), "EnCodec"),
    "audiocraft": (SEANET, lambda state, other: {"best_state": encodec(state), "xp.cfg": "seed: 1"}, "EnCodec"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_accepts(name: str, tmp_path: Path) -> None:
    parts, write, source = FORMATS[name]
    model, other = randomized(build(parts)), randomized(build(parts), 2)
    torch.save(write(weights(model), weights(other)), tmp_path / "file.ckpt")
    fresh = build(parts, 3)
    report = load_checkpoint(fresh, tmp_path / "file.ckpt")
    same_weights(model, fresh)
    assert report.source == source
    assert report.tensors == len(model.state_dict())
    assert report.weights == ("ema" if name in {"lightning", "training"} else "raw")
    assert all(report.dropped.values())
    assert source in str(report)


@pytest.mark.parametrize("name", ["lightning", "training"])
def test_raw_weights_on_request(name: str, tmp_path: Path) -> None:
    parts, write, _ = FORMATS[name]
    average, raw = randomized(build(parts)), randomized(build(parts), 2)
    torch.save(write(weights(average), weights(raw)), tmp_path / "file.ckpt")
    fresh = build(parts, 3)
    assert load_checkpoint(fresh, tmp_path / "file.ckpt", prefer="raw").weights == "raw"
    same_weights(raw, fresh)


def test_diffusion_wrappers_average_only_the_network(tmp_path: Path) -> None:
    model = nn.ModuleDict({"model": nn.Linear(2, 2), "conditioner": nn.Linear(2, 3)})
    average = {key: value + 1 for key, value in model["model"].state_dict().items()}
    state = {**prefixed(model.state_dict(), "diffusion."), **prefixed(average, "diffusion_ema.ema_model.")}
    torch.save({"state_dict": state}, tmp_path / "file.ckpt")
    fresh = nn.ModuleDict({"model": nn.Linear(2, 2), "conditioner": nn.Linear(2, 3)})
    report = load_checkpoint(fresh, tmp_path / "file.ckpt")
    assert report.weights == "ema"
    assert torch.equal(fresh["model"].weight, model["model"].weight + 1)
    assert torch.equal(fresh["conditioner"].weight, model["conditioner"].weight)


def test_both_spellings_of_weight_norm(tmp_path: Path) -> None:
    model = randomized(build(PLAIN))
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, tmp_path / "new.safetensors")
    save_file(weights(model), tmp_path / "old.safetensors")
    for name in ("new", "old"):
        fresh = build(PLAIN, 3)
        load_checkpoint(fresh, tmp_path / f"{name}.safetensors")
        same_weights(model, fresh)


def test_multiplied_out_weight_norm(tmp_path: Path) -> None:
    model = randomized(build(PLAIN))
    state = weights(model)
    for name in [key for key in state if key.endswith("weight_g")]:
        base = name.removesuffix("_g")
        g, v = state.pop(name), state.pop(f"{base}_v")
        state[base] = torch._weight_norm(v, g, 0)
    save_file(state, tmp_path / "folded.safetensors")
    fresh = build(PLAIN, 3)
    load_checkpoint(fresh, tmp_path / "folded.safetensors")
    generator = torch.Generator().manual_seed(0)
    audio, latents = torch.randn(1, 1, 64, generator=generator), torch.randn(1, 6, 16, generator=generator)
    torch.testing.assert_close(fresh.encoder(audio), model.encoder(audio), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(fresh.decoder(latents), model.decoder(latents), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("version", ["before heads", "1.32"])
def test_codebooks_of_other_versions(version: str, tmp_path: Path) -> None:
    model = randomized(build(PLAIN))
    state = weights(model)
    for key, value in state.items():
        if version == "before heads" and key.endswith(("embed", "embed_avg", "cluster_size")):
            state[key] = value[0]
        if version == "1.32" and key.endswith("initted"):
            state[key] = value[0] > 0
    torch.save(state, tmp_path / "file.pt")
    fresh = build(PLAIN, 3)
    load_checkpoint(fresh, tmp_path / "file.pt")
    same_weights(model, fresh)


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_one_tensor_matters(name: str, data: st.DataObject, tmp_path: Path) -> None:
    """Renaming, dropping or reshaping any one of the model's tensors makes loading fail, and names it."""
    parts, write, _ = FORMATS[name]
    model = build(parts)
    content = write(weights(model), weights(model))
    state = content.get("state_dict", content.get("best_state", content))
    used = {"lightning": "autoencoder_ema.ema_model.", "training": "ema."}.get(name, "")
    key = data.draw(
        st.sampled_from(sorted(k for k in state if k.startswith(used) and k.count("_ema.") == used.count("_ema.")))
    )
    change = data.draw(st.sampled_from(["rename", "drop", "reshape"]))
    tensor = state.pop(key)
    if change == "rename":
        state[f"{key}x"] = tensor
    elif change == "reshape":
        state[key] = torch.zeros(2, *tensor.shape)
    torch.save(content, tmp_path / "file.ckpt")
    fresh = build(parts, 3)
    before = {k: v.clone() for k, v in fresh.state_dict().items()}
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(fresh, tmp_path / "file.ckpt")
    assert ".".join(key.split(".")[-2:]).replace("inited", "initted") in str(error.value)
    assert all(torch.equal(value, before[k]) for k, value in fresh.state_dict().items()), "the model is unchanged"


def test_raw_weights_stand_in_for_whole_children_only(tmp_path: Path) -> None:
    """A frozen part is saved once, beside the average; a tensor that the average lacks is missing all the same."""
    parts, write, _ = FORMATS["training"]
    model = build(parts)
    content = write(weights(model), weights(model))
    state = content["state_dict"]
    child = next(iter(model.state_dict())).partition(".")[0]
    average = [key for key in state if key.startswith(f"ema.{child}.")]
    assert len(average) > 1
    del state[average[0]]
    torch.save(content, tmp_path / "file.ckpt")
    with pytest.raises(CheckpointError, match=r"missing|not in"):
        load_checkpoint(build(parts, 3), tmp_path / "file.ckpt")
    for key in average[1:]:
        del state[key]
    torch.save(content, tmp_path / "file.ckpt")
    fresh = build(parts, 3)
    assert load_checkpoint(fresh, tmp_path / "file.ckpt").weights == "ema"
    same_weights(model, fresh)


def test_messages_name_both_spellings_and_the_nearest(tmp_path: Path) -> None:
    state = descript(weights(build(DAC)))
    tensors = state["state_dict"]
    tensors["decoder.model.0.biased"] = tensors.pop("decoder.model.0.bias")
    torch.save(state, tmp_path / "weights.pth")
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(build(DAC), tmp_path / "weights.pth")
    text = str(error.value)
    assert "missing: decoder.decoder.model.0.bias (16,) (nearest: decoder.decoder.model.0.biased)" in text
    assert "decoder.decoder.model.0.biased (decoder.model.0.biased in the file)" in text


class Malicious:
    """Runs code when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("ending", ["ckpt", "pt", "pth", "th", "safetensors"])
def test_code_in_files_never_runs(ending: str, tmp_path: Path) -> None:
    target, file = tmp_path / "owned", tmp_path / f"file.{ending}"
    for content in ({"state_dict": Malicious(target)}, Malicious(target)):
        torch.save(content, file)
        with pytest.raises(CheckpointError):
            load_checkpoint(build(PLAIN), file)
        file.write_bytes(pickle.dumps(content))
        with pytest.raises(CheckpointError):
            load_checkpoint(build(PLAIN), file)
    assert not target.exists()


@pytest.mark.parametrize("content", [b"", b"\x80\x04", b"PK\x03\x04 and no more", b"plain text"])
@pytest.mark.parametrize("ending", ["ckpt", "safetensors"])
def test_damaged_files(content: bytes, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"file.{ending}"
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="file"):
        load_checkpoint(build(PLAIN), file)
    with pytest.raises(CheckpointError, match="Cannot read"):
        load_checkpoint(build(PLAIN), tmp_path / f"absent.{ending}")


def test_files_without_weights(tmp_path: Path) -> None:
    for content in ({"state_dict": {}}, {"epoch": 3}, [torch.zeros(2)]):
        torch.save(content, tmp_path / "file.ckpt")
        with pytest.raises(CheckpointError, match=r"no weights|not weights by name"):
            load_checkpoint(build(PLAIN), tmp_path / "file.ckpt")
