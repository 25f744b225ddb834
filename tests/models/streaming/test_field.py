"""Receptive fields against what the networks really see."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from support.chunkable_models import build, build_from, oobleck
from torch import Tensor, nn

from narrows.models.streaming import NotExactError, chain, chunking_report, parallel, receptive_field, run_chunked

layers = st.one_of(
    st.builds(
        lambda k, s, d, p: nn.Conv1d(1, 1, k, s, dilation=d, padding=p),
        st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3),
    ),
    st.builds(
        lambda k, s, p: nn.ConvTranspose1d(1, 1, k + s, s, padding=min(p, k // 2)),
        st.integers(1, 4), st.integers(1, 3), st.integers(0, 2),
    ),
    st.builds(lambda f: nn.Upsample(scale_factor=f), st.integers(1, 3)),
    st.builds(lambda f: nn.Upsample(scale_factor=f, mode="linear"), st.integers(2, 3)),
    st.builds(lambda a, b: nn.ZeroPad1d((a, b)), st.integers(0, 3), st.integers(0, 3)),
    st.builds(lambda a, b: nn.ReflectionPad1d((a, b)), st.integers(0, 3), st.integers(0, 3)),
    st.builds(lambda a, b: nn.ReplicationPad1d((a, b)), st.integers(0, 3), st.integers(0, 3)),
    st.builds(lambda k, s: nn.AvgPool1d(k, s), st.integers(1, 3), st.integers(1, 3)),
    st.builds(lambda k, s: nn.MaxPool1d(k, s), st.integers(1, 3), st.integers(1, 3)),
    st.just(nn.ELU()),
)  # fmt: skip


def touched(run: Any, x: Tensor, place: int) -> Tensor:
    """The outputs that an input reaches: those that become NaN with it."""
    spoilt = x.clone()
    spoilt[..., place] = torch.nan
    with torch.inference_mode():
        return run(spoilt).isnan().any(1)[0].nonzero().flatten()


@given(st.lists(layers, min_size=1, max_size=5), st.integers(120, 160))
def test_no_output_sees_more_than_its_field(modules: list[nn.Module], place: int) -> None:
    network = nn.Sequential(*modules).eval()
    field = receptive_field(network)
    assert field.exact
    for output in touched(network, torch.zeros(1, 1, 320), place).tolist():
        assert floor(output * field.stride - field.left) <= place <= ceil(output * field.stride + field.right)


@given(st.lists(layers, min_size=1, max_size=4), st.integers(1, 40), st.integers(0, 2**16))
@example([nn.Conv1d(1, 1, 2), nn.ZeroPad1d((1, 0))], 1, 0)
@example([nn.Upsample(scale_factor=2, mode="linear"), nn.Conv1d(1, 1, 1, 3), nn.ReflectionPad1d((0, 1))], 1, 0)
@example([nn.Upsample(scale_factor=2, mode="linear"), nn.Conv1d(1, 1, 4, 6), nn.ReplicationPad1d((0, 1))], 1, 0)
@example([nn.AvgPool1d(2, 1), nn.Conv1d(1, 1, 1, padding=1)], 1, 0)
@example([nn.Conv1d(1, 1, 2, dilation=2, padding=1), nn.ReplicationPad1d((1, 0))], 1, 0)
def test_random_networks_run_in_chunks(modules: list[nn.Module], chunk: int, seed: int) -> None:
    torch.manual_seed(seed)
    network = nn.Sequential(*modules).double().eval()
    field = receptive_field(network)
    x = torch.randn(1, 1, 40 * field.granule, dtype=torch.float64)
    with torch.inference_mode():
        whole = network(x)
        torch.testing.assert_close(run_chunked(network, field, x, chunk), whole, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("name", ["oobleck", "oobleck_antialiased", "dac", "seanet_without_lstm", "pqmf", "patched"])
def test_the_field_of_a_model_is_tight(name: str) -> None:
    """What the probe finds lies within the computed field, and the field is at most two frames wider."""
    model = build(name)
    ratio = model.downsampling_ratio
    field = model.encode_field()
    place = 200 * ratio + 7
    outputs = touched(lambda x: model.encode(x, skip_bottleneck=True), torch.zeros(1, 2, 400 * ratio), place)
    first, last = ceil((place - field.right) / field.stride), floor((place + field.left) / field.stride)
    assert first <= outputs.min() <= first + 2
    assert last - 2 <= outputs.max() <= last
    field = model.decode_field()
    outputs = touched(lambda x: model.decode(x, skip_bottleneck=True), torch.zeros(1, 8, 400), 200)
    first, last = ceil((200 - field.right) / field.stride), floor((200 + field.left) / field.stride)
    assert first <= outputs.min() <= first + 2 * ratio
    assert last - 2 * ratio <= outputs.max() <= last


def test_the_field_of_a_convolution() -> None:
    field = receptive_field(nn.Conv1d(1, 1, 7, stride=2, dilation=3, padding=5))
    assert (field.stride, field.left, field.right) == (2, 5, 13)
    field = receptive_field(nn.ConvTranspose1d(1, 1, 8, stride=4, padding=2))
    assert (field.stride, field.left, field.right) == (Fraction(1, 4), Fraction(5, 4), Fraction(1, 2))


def test_branches_are_joined() -> None:
    wide, narrow = nn.Conv1d(1, 1, 9, padding=4), nn.Conv1d(1, 1, 3, padding=1)
    assert parallel(wide, narrow) == chain(wide)
    with pytest.raises(ValueError, match="different stride, 1 and 2"):
        parallel(wide, nn.Conv1d(1, 1, 2, stride=2))


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (nn.GroupNorm(1, 4), "normalises over the whole clip"),
        (nn.LSTM(4, 4, bidirectional=True), "reads the clip backwards"),
        (nn.BatchNorm1d(4), "call eval"),
        (nn.AdaptiveAvgPool1d(3), "is not known"),
        (nn.Conv1d(4, 4, 3, padding=1, padding_mode="circular"), "other end"),
        (nn.MultiheadAttention(4, 2), "attends to the whole clip"),
        (type("Own", (nn.Conv1d,), {"forward": lambda self, x: x.flip(-1)})(4, 4, 3), "forward of its own"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_what_depends_on_the_whole_clip_says_so(module: nn.Module, reason: str) -> None:
    field = chain(nn.Conv1d(4, 4, 3), module)
    assert not field.exact
    with pytest.raises(NotExactError, match=reason):
        run_chunked(module, field, torch.zeros(1, 4, 9), 2)


def global_attention() -> Any:
    shared = {"channels": 16, "c_mults": [1], "strides": [30], "transformer_depths": [1], "latent_dim": 8}
    encoder = {"type": "taae", "config": {"in_channels": 2, **shared, "sliding_window": None}}
    return build_from({**oobleck(), "encoder": encoder})


def test_global_attention_is_refused_and_told_what_to_do() -> None:
    model, audio = global_attention(), torch.randn(1, 2, 3000)
    with pytest.raises(NotExactError, match=r"Attention attends to all tokens.*overlap=8"):
        model.encode_audio(audio, 16)
    with torch.inference_mode():
        whole = model.encode_audio(audio)
        errors = [(model.encode_audio(audio, 16, overlap=o) - whole).abs().max() for o in (2, 200)]
    assert errors[1] < 1e-5 < errors[0]
    report = chunking_report(model)
    assert not report.exact
    assert report.latency is None
    assert report.obstacles[0].startswith("encoder.layers.1.layers.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"chunk_size": 0}, "at least 1, or None; got 0"),
        ({"chunk_size": 4, "overlap": -1}, "at least 0"),
        ({"chunk_size": 4, "overlap": 2}, "takes no overlap"),
        ({"lengths": [0]}, "from 1 to 300"),
        ({"lengths": [301]}, "from 1 to 300"),
        ({"lengths": [5, 5]}, "1 numbers"),
    ],
)
def test_mistakes_are_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build("oobleck").encode_audio(torch.zeros(1, 2, 300), **arguments)


def test_empty_audio_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        build("oobleck").encode_audio(torch.zeros(1, 2, 0))
