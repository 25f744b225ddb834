"""EnCodec's SEANet: every option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from support.tiny_models import build, shaken
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models import load_checkpoint, save_model
from narrows.models.blocks.activations import TORCH_ACTIVATIONS
from narrows.models.decoders.seanet import SeanetDecoder
from narrows.models.encoders.seanet import SeanetEncoder

SMALL: dict[str, Any] = {"channels": 1, "dimension": 3, "n_filters": 4, "lstm": 0}
NORMS = ["none", "weight_norm", "spectral_norm", "time_layer_norm", "layer_norm", "time_group_norm"]


def encoder(**options: Any) -> SeanetEncoder:
    torch.manual_seed(0)
    return shaken(SeanetEncoder(**{**SMALL, "ratios": [2, 3], **options})).eval()  # type: ignore[return-value]


def decoder(**options: Any) -> SeanetDecoder:
    torch.manual_seed(0)
    return shaken(SeanetDecoder(**{**SMALL, "ratios": [3, 2], **options})).eval()  # type: ignore[return-value]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(1, 50), st.booleans())
def test_any_length_becomes_whole_frames(ratios: list[int], length: int, causal: bool) -> None:
    ratio = int(torch.tensor(ratios).prod())
    latents = SeanetEncoder(**SMALL, ratios=ratios, causal=causal)(torch.randn(1, 1, length))
    assert latents.shape[-1] == -(-length // ratio)
    audio = SeanetDecoder(**SMALL, ratios=ratios[::-1], causal=causal)(latents)
    assert audio.shape[-1] == latents.shape[-1] * ratio


def test_ratios_are_in_the_order_of_the_stages() -> None:
    """The reference turns an encoder's `ratios` round twice; the first entry is the first stride."""
    strides = [m.stride[0] for m in encoder(ratios=[5, 2]).modules() if isinstance(m, nn.Conv1d) and m.stride[0] > 1]
    assert strides == [5, 2]
    strides = [m.stride[0] for m in decoder(ratios=[5, 2]).modules() if isinstance(m, nn.ConvTranspose1d)]
    assert strides == [5, 2]


@pytest.mark.parametrize("norm", NORMS)
def test_norms(norm: str) -> None:
    """Among them `layer_norm`, which returns nothing in encodec 0.1.1."""
    x = torch.randn(2, 1, 60)
    audio = decoder(norm=norm)(encoder(norm=norm)(x))
    assert audio.shape == x.shape
    assert audio.isfinite().all()


def test_layer_norm_normalises_the_channels_at_each_time() -> None:
    network = SeanetEncoder(**SMALL, norm="layer_norm", norm_params={"eps": 1e-8})
    out = network.model[0](torch.randn(1, 1, 40))
    torch.testing.assert_close(out.mean(1), torch.zeros(1, 40), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(1, unbiased=False), torch.ones(1, 40), atol=1e-3, rtol=0)


def test_time_layer_norm_does_nothing_as_in_the_reference() -> None:
    with_norm, without = encoder(norm="time_layer_norm"), encoder(norm="none")
    assert with_norm.state_dict().keys() == without.state_dict().keys()


@pytest.mark.parametrize(
    ("norm", "params", "parameters"),
    [
        ("layer_norm", {"elementwise_affine": False}, 0),
        ("layer_norm", {"bias": False}, 1),
        ("layer_norm", {}, 2),
        ("time_group_norm", {"affine": False}, 0),
        ("time_group_norm", {"eps": 0.1}, 2),
        ("weight_norm", {"eps": 0.1}, 0),
    ],
)
def test_norm_params(norm: str, params: dict[str, Any], parameters: int) -> None:
    first = encoder(norm=norm, norm_params=params).model[0].conv
    assert len(list(first.norm.parameters()) if hasattr(first, "norm") else []) == parameters
    if norm == "time_group_norm":
        assert first.norm.eps == params.get("eps", 1e-5)


@pytest.mark.parametrize("norm", ["none", "weight_norm", "spectral_norm", "layer_norm"])
@pytest.mark.parametrize("lstm", [0, 1])
@torch.inference_mode()
def test_causal_outputs_do_not_depend_on_later_inputs(norm: str, lstm: int) -> None:
    options = {"norm": norm, "lstm": lstm, "causal": True, "pad_mode": "constant", "n_residual_layers": 2}
    network = encoder(**options)
    x = torch.randn(1, 1, 60)
    changed = torch.cat([x[..., :30], torch.randn(1, 1, 30)], dim=-1)
    torch.testing.assert_close(network(changed)[..., :5], network(x)[..., :5])
    network = decoder(**options)
    z = torch.randn(1, 3, 10)
    changed = torch.cat([z[..., :5], torch.randn(1, 3, 5)], dim=-1)
    torch.testing.assert_close(network(changed)[..., :30], network(z)[..., :30])


def test_trim_right_ratio_moves_the_cut() -> None:
    full, none = decoder(causal=True, trim_right_ratio=1.0), decoder(causal=True, trim_right_ratio=0.0)
    late, early = full.model[2], none.model[2]
    z = torch.randn(1, 16, 7)
    everything = late.convtr(z)
    torch.testing.assert_close(late(z), everything[..., :21])
    torch.testing.assert_close(early(z), everything[..., 3:])
    with pytest.raises(ValueError, match="needs causal"):
        decoder(trim_right_ratio=0.5)


def test_group_norm_cannot_be_causal() -> None:
    with pytest.raises(ValueError, match="cannot be causal"):
        encoder(norm="time_group_norm", causal=True)


@pytest.mark.parametrize("name", TORCH_ACTIVATIONS)
def test_activations(name: str) -> None:
    x = torch.randn(2, 1, 24)
    latents = encoder(activation=name)(x)
    assert decoder(activation=name, final_activation=name)(latents).isfinite().all()


def test_activations_are_a_closed_list() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        encoder(activation="Conv1d")


def test_activation_params() -> None:
    assert encoder(activation_params={"alpha": 0.5, "init": None}).model[2].alpha == 0.5
    last = decoder(final_activation="Hardtanh", final_activation_params={"min_val": -0.1, "max_val": 0.1})
    assert last(torch.randn(1, 3, 10)).abs().max() <= 0.1


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
def test_pad_modes(pad_mode: str) -> None:
    first = encoder(pad_mode=pad_mode, norm="none").model[0]
    x = torch.randn(1, 1, 20)
    conv: nn.Conv1d = first.conv.conv
    torch.testing.assert_close(first(x), F.conv1d(F.pad(x, (3, 3), pad_mode), conv.weight, conv.bias))


def test_a_clip_shorter_than_its_reflection_is_extended_by_zeros() -> None:
    first = encoder(norm="none").model[0]
    x = torch.tensor([[[1.0, 2.0]]])
    conv: nn.Conv1d = first.conv.conv
    reflected = torch.tensor([[[0.0, 0.0, 2.0, 1.0, 2.0, 0.0, 0.0, 0.0]]])
    torch.testing.assert_close(first(x), F.conv1d(reflected, conv.weight, conv.bias))


def test_residual_units() -> None:
    deep = encoder(n_residual_layers=3, dilation_base=4, residual_kernel_size=5, compress=4)
    dilations = [m.dilation[0] for m in deep.modules() if isinstance(m, nn.Conv1d) and m.kernel_size == (5,)]
    assert dilations == [1, 4, 16, 1, 4, 16]
    assert deep.model[1].block[1].conv.conv.out_channels == 1
    assert not list(encoder(true_skip=True).model[1].shortcut.parameters())
    with pytest.raises(ValueError, match="compress"):
        encoder(compress=5)


def test_lstm_is_torchs() -> None:
    network = encoder(lstm=2)
    layer = network.model[-3].lstm
    reference = nn.LSTM(16, 16, 2)
    reference.load_state_dict(layer.state_dict())
    x = torch.randn(9, 2, 16)
    torch.testing.assert_close(layer(x)[0] if isinstance(layer(x), tuple) else layer(x), reference(x)[0])


def old_names(state: dict[str, Tensor]) -> set[str]:
    return {key.rsplit(".", 1)[-1] for key in state}


@pytest.mark.parametrize(
    ("norm", "names"),
    [("weight_norm", {"weight_g", "weight_v"}), ("spectral_norm", {"weight_orig", "weight_u", "weight_v"})],
)
def test_files_keep_the_old_names_of_reparametrised_weights(norm: str, names: set[str], tmp_path: Path) -> None:
    options = {"norm": norm, "lstm": 0}
    model = build("seanet", "seanet", options, options)
    save_model(model, tmp_path / "model")
    state = load_file(tmp_path / "model" / "model.safetensors")
    assert old_names(state) == {"bias", *names}
    other = build("seanet", "seanet", options, options)
    for spelling in (state, {k: v.contiguous() for k, v in model.state_dict().items()}):
        for parameter in other.parameters():
            parameter.data.zero_()
        save_file(spelling, tmp_path / "weights.safetensors")
        load_checkpoint(other, tmp_path / "weights.safetensors")
        x = torch.randn(1, 2, 64)
        torch.testing.assert_close(other(x), model(x), atol=0, rtol=0)
