"""Preparing for inference: the same results, faster, and the same identity."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.models import create_model_from_config, save_model
from narrows.models.blocks.layers import Layers
from narrows.models.blocks.padded_convolutions import PaddedConv1d
from narrows.models.codec import model_hash
from narrows.models.inference import fold_weight_norm, prepare_for_inference
from narrows.models.inference.cpu import blocking, onednn
from narrows.models.inference.cpu.layers import apply, in_a_row
from narrows.models.saving import load_model

SHAPE = {"channels": 8, "c_mults": [1, 2], "strides": [2, 4], "use_snake": True}
CONFIG = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 4, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 4, **SHAPE}},
        "latent_dim": 4,
        "downsampling_ratio": 8,
        "io_channels": 2,
    },
}


@pytest.fixture
def model() -> torch.nn.Module:
    torch.manual_seed(0)
    return create_model_from_config(CONFIG).eval()


def test_folding_changes_no_result(model: torch.nn.Module) -> None:
    audio = torch.randn(2, 2, 256)
    with torch.inference_mode():
        before = model(audio)
    prepared = prepare_for_inference(model)
    with torch.inference_mode():
        after = model(audio)
    assert prepared.folded == 32
    assert not any("parametrizations" in name for name, _ in model.named_parameters())
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


ARCHITECTURES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "oobleck": (
        {"in_channels": 1, "channels": 16, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 4, "use_snake": True},
        {"out_channels": 1, "channels": 16, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 4, "use_snake": True},
    ),
    "dac": (
        {"in_channels": 1, "d_model": 16, "strides": [2, 4], "latent_dim": 4},
        {"out_channels": 1, "channels": 64, "rates": [4, 2], "latent_dim": 4},
    ),
    "seanet": (
        {"channels": 1, "dimension": 4, "n_filters": 16, "ratios": [2, 4], "n_residual_layers": 2},
        {"channels": 1, "dimension": 4, "n_filters": 16, "ratios": [4, 2], "n_residual_layers": 2},
    ),
}  # fmt: skip


LEAST_DECIBELS = {"oobleck": 40, "dac": 40, "seanet": 35}
"""Signal to noise of bfloat16, as docs/speed.md states it; the LSTM of a seanet keeps its state in bfloat16."""


@pytest.fixture(params=ARCHITECTURES)
def autoencoder(request: pytest.FixtureRequest) -> Any:
    encoder, decoder = ARCHITECTURES[request.param]
    sides = {
        "encoder": {"type": request.param, "config": encoder},
        "decoder": {"type": request.param, "config": decoder},
    }
    body = {**CONFIG["model"], **sides, "io_channels": 1}
    torch.manual_seed(0)
    model = create_model_from_config({**CONFIG, "model": body}).eval()
    model.least_decibels = LEAST_DECIBELS[request.param]
    return model


def coded(model: Any, audio: torch.Tensor, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        return model.encode(audio), model.decode(latents)


@pytest.mark.parametrize("piece", [2**8, 2**11, 2**19])
@pytest.mark.parametrize("length", [8, 808, 4000])
def test_the_plan_changes_no_result(autoencoder: Any, piece: int, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PIECE", piece)
    audio, latents = torch.randn(2, 1, length), torch.randn(2, 4, length // 8)
    kept = audio.clone(), latents.clone()
    before = coded(autoencoder, audio, latents)
    prepare_for_inference(autoencoder)
    layers = [module for module in autoencoder.modules() if isinstance(module, Layers)]
    assert len(layers) == 2
    assert all(module.plan is not None for module in layers)
    torch.testing.assert_close(coded(autoencoder, audio, latents), before, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close((audio, latents), kept, atol=0, rtol=0)


def test_the_plan_cuts_signals(autoencoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PIECE", 2**15)
    seen: list[int] = []
    autoencoder.encoder.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape[-1]))
    prepare_for_inference(autoencoder)
    [layers] = (module for module in autoencoder.encoder.modules() if isinstance(module, Layers))
    pieces: list[int] = []

    def run(modules: Any, x: torch.Tensor) -> torch.Tensor:
        pieces.append(x.shape[-1])
        return in_a_row(modules, x)

    layers.plan = blocking.BlockingPlan(list(layers), run)
    with torch.inference_mode():
        autoencoder.encode(torch.randn(1, 1, 16000))
    assert seen == [16000]
    assert len(pieces) > len(layers.plan.groups)
    assert max(pieces[:3]) < 16000


def test_without_the_operators_of_onednn_results_are_the_same(
    autoencoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio, latents = torch.randn(2, 1, 808), torch.randn(2, 4, 101)
    prepare_for_inference(autoencoder)
    before = coded(autoencoder, audio, latents)
    monkeypatch.setattr(onednn, "can_pack", lambda dtype: False)
    torch.testing.assert_close(coded(autoencoder, audio, latents), before, atol=1e-5, rtol=1e-5)


@pytest.mark.skipif(not onednn.can_pack(torch.float32), reason="this torch has no operators for packed weights")
def test_packed_weights_follow_the_module(autoencoder: Any) -> None:
    audio, latents = torch.randn(1, 1, 808), torch.randn(1, 4, 101)
    prepare_for_inference(autoencoder)
    first = coded(autoencoder, audio, latents)
    state = {key: value * 0.9 for key, value in autoencoder.state_dict().items()}
    copied = copy.deepcopy(autoencoder)
    autoencoder.load_state_dict(state)
    after = coded(autoencoder, audio, latents)
    autoencoder.double()
    exact = coded(autoencoder, audio.double(), latents.double())
    for old, new, same, double in zip(first, after, coded(copied, audio, latents), exact, strict=True):
        assert (old - new).abs().max() > 1e-3
        torch.testing.assert_close(old, same, atol=0, rtol=0)
        torch.testing.assert_close(new.double(), double, atol=1e-5, rtol=1e-5)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_padding_the_ends_alone_is_padding_the_whole(data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, 4))
    dilation = data.draw(st.integers(1, 3)) if stride == 1 else 1
    kernel = data.draw(st.integers(stride, 9))
    mode = data.draw(st.sampled_from(["reflect", "constant", "replicate", "circular"]))
    causal = data.draw(st.booleans())
    layer = PaddedConv1d(3, 5, kernel, stride, dilation, causal=causal, pad_mode=mode).eval()
    x = torch.randn(data.draw(st.integers(1, 2)), 3, data.draw(st.integers(60, 150)))
    with torch.inference_mode():
        torch.testing.assert_close(apply(layer, x.unsqueeze(2), False).squeeze(2), layer(x), atol=1e-5, rtol=1e-5)


def test_gradients_take_the_plain_way(autoencoder: Any) -> None:
    prepare_for_inference(autoencoder)
    audio = torch.randn(1, 1, 64, requires_grad=True)
    autoencoder.encode(audio).sum().backward()
    assert audio.grad is not None
    assert audio.grad.abs().sum() > 0


def test_bfloat16_stays_close(autoencoder: Any) -> None:
    audio, latents = torch.randn(2, 1, 4000) * 0.3, torch.randn(2, 4, 500)
    exact = coded(autoencoder, audio, latents)
    prepare_for_inference(autoencoder, torch.bfloat16)
    rounded = coded(autoencoder, audio.bfloat16(), latents.bfloat16())
    for wanted, got in zip(exact, rounded, strict=True):
        assert got.dtype == torch.bfloat16
        noise = (got.float() - wanted).square().mean() / wanted.square().mean()
        assert -10 * noise.log10() > autoencoder.least_decibels


def test_float16_runs_on_any_processor(autoencoder: Any) -> None:
    audio, latents = torch.randn(1, 1, 808) * 0.3, torch.randn(1, 4, 101)
    exact = coded(autoencoder, audio, latents)
    prepare_for_inference(autoencoder, torch.float16)
    for wanted, got in zip(exact, coded(autoencoder, audio.half(), latents.half()), strict=True):
        assert got.dtype == torch.float16
        torch.testing.assert_close(got.float(), wanted, atol=2e-2, rtol=2e-2)


def test_the_identity_survives(model: torch.nn.Module) -> None:
    before = model_hash(model)
    prepare_for_inference(model, torch.bfloat16)
    assert model_hash(model) == before
    other = create_model_from_config(CONFIG)
    assert model_hash(other) != before


def test_folded_weights_still_load(model: torch.nn.Module, tmp_path: object) -> None:
    audio = torch.randn(1, 2, 64)
    folded = copy.deepcopy(model)
    fold_weight_norm(folded)
    folded.config = model.config
    assert not hasattr(folded.encoder.layers[0], "parametrizations")
    save_model(folded, f"{tmp_path}/folded")
    with torch.inference_mode():
        torch.testing.assert_close(load_model(f"{tmp_path}/folded")(audio), model(audio), atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_compiled_results_are_the_same(autoencoder: Any) -> None:
    audio, latents = torch.randn(1, 1, 256), torch.randn(1, 4, 32)
    before = coded(autoencoder, audio, latents)
    prepare_for_inference(autoencoder, compile=True)
    fused = [module for module in autoencoder.modules() if getattr(module, "fused", None) is not None]
    assert fused
    torch.testing.assert_close(coded(autoencoder, audio, latents), before, atol=1e-5, rtol=1e-4)


def test_a_prepared_model_compiles_as_one_graph(autoencoder: Any) -> None:
    audio, latents = torch.randn(1, 1, 256), torch.randn(1, 4, 32)
    prepare_for_inference(autoencoder)
    encoder, decoder = (
        torch.compile(part, backend="aot_eager", fullgraph=True) for part in (autoencoder.encoder, autoencoder.decoder)
    )
    with torch.inference_mode():
        torch.testing.assert_close(encoder(audio), autoencoder.encoder(audio), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(decoder(latents), autoencoder.decoder(latents), atol=1e-5, rtol=1e-5)
