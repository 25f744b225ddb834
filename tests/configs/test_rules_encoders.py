"""Rules of encoders and decoders, each with what breaks it and what comes close."""

from __future__ import annotations

from typing import Any

import pytest
from support.pair_configs import LATENTS, TYPES, config

from narrows.configs._load import read_document, validate


def pointers(document: dict[str, Any], kind: str | None = None, level: str = "error") -> list[str]:
    """Pointers of the problems of a level, which all come from rules."""
    _, problems = validate(read_document(document), kind)
    assert all(problem.kind == "rule" for problem in problems)
    return [problem.pointer for problem in problems if problem.level == level]


def part(family: str, kind: str, options: dict[str, Any], level: str = "error", **siblings: Any) -> list[str]:
    ends = {"in_channels": 2, "out_channels": 2} if kind == "local_attn" else {}
    return pointers({"type": kind, "config": {**ends, **options}, **siblings}, family, level)


@pytest.mark.parametrize("encoder", TYPES)
@pytest.mark.parametrize("decoder", TYPES)
def test_pairs_pass(encoder: str, decoder: str) -> None:
    assert pointers(config(encoder, decoder)) == []


@pytest.mark.parametrize("family", ["encoder", "decoder"])
@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("oobleck", {"c_mults": [1, 2], "strides": [2]}, ["/config/strides"]),
        ("oobleck", {"c_mults": [1, 2], "strides": [3, 5]}, []),
        ("taae", {"c_mults": [1, 2]}, ["/config/strides", "/config/transformer_depths"]),
        ("taae", {"channels": 96}, ["/config/c_mults/1"]),
        ("taae", {"channels": 96, "c_mults": [1, 4, 8, 16]}, []),
        ("taae", {"channels": 12}, []),
        ("taae", {"strides": [2, 4, 8, 1]}, ["/config/strides/3"]),
        ("taae", {"strides": [1, 4, 8, 8]}, []),
        ("taae", {"use_snake": True}, []),
        ("local_attn", {"embed_dims": [96, 192, 384]}, ["/config/embed_dims"]),
        ("local_attn", {"heads": [12, 12, 12, 10], "embed_dims": [96, 192, 384, 96]}, ["/config/embed_dims/3"]),
        ("local_attn", {"local_attn_window_size": None}, []),
        ("seanet", {"norm": "time_group_norm", "causal": True}, ["/config/norm"]),
        ("seanet", {"norm": "layer_norm", "causal": True}, []),
        ("seanet", {"n_filters": 2, "compress": 4}, ["/config/compress"]),
        ("seanet", {"n_filters": 6, "compress": 4}, []),
        ("seanet", {"activation": "ReLU", "activation_params": {"alpha": 1.0}}, ["/config/activation_params/alpha"]),
        ("seanet", {"activation": "ReLU"}, []),
        ("seanet", {"activation": "GELU", "activation_params": {"approximate": "tanh"}}, []),
        ("seanet", {"norm_params": {"eps": 0.1}}, []),
    ],
)
def test_options_fit_each_other(family: str, kind: str, options: dict[str, Any], expected: list[str]) -> None:
    assert part(family, kind, options) == expected


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("dac", {"channels": 6, "rates": [2, 2, 2]}, ["/config/channels"]),
        ("dac", {"channels": 12, "rates": [2, 2, 2]}, []),
        ("seanet", {"trim_right_ratio": 0.5}, ["/config/trim_right_ratio"]),
        ("seanet", {"trim_right_ratio": 0.5, "causal": True}, []),
        ("seanet", {"final_activation_params": {}}, []),
        ("seanet", {"final_activation_params": {"beta": 2}}, ["/config/final_activation_params/beta"]),
        ("seanet", {"final_activation": "Tanh", "final_activation_params": {}}, []),
        (
            "seanet",
            {"final_activation": "Tanh", "final_activation_params": {"beta": 2}},
            ["/config/final_activation_params/beta"],
        ),
    ],
)
def test_options_of_decoders_fit_each_other(kind: str, options: dict[str, Any], expected: list[str]) -> None:
    assert part("decoder", kind, options) == expected


@pytest.mark.parametrize(
    ("encoder", "decoder", "options", "expected"),
    [
        ("dac", "dac", ({"latent_dim": None}, {}), ["/model/encoder/config/d_model"]),
        ("dac", "dac", ({"latent_dim": None, "d_model": 1}, {}), []),
        ("dac", "dac", ({"latent_dim": 5}, {}), ["/model/encoder/config/latent_dim"]),
        ("dac", "dac", ({}, {"rates": [4, 4]}), ["/model/decoder/config/rates"]),
        ("dac", "dac", ({}, {"rates": [2, 4]}), []),
        ("seanet", "seanet", ({"ratios": [2, 2]}, {}), ["/model/downsampling_ratio", "/model/decoder/config/ratios"]),
        ("seanet", "seanet", ({"channels": 1}, {}), ["/model/encoder/config/channels"]),
        ("seanet", "seanet", ({}, {"dimension": 5}), ["/model/decoder/config/dimension"]),
        ("local_attn", "local_attn", ({"out_channels": 5}, {}), ["/model/encoder/config/out_channels"]),
        ("local_attn", "local_attn", ({}, {"in_channels": 5}), ["/model/decoder/config/in_channels"]),
        ("taae", "dac", ({}, {"out_channels": 1}), ["/model/decoder/config/out_channels"]),
    ],
)
def test_pairs_fit_the_model(
    encoder: str, decoder: str, options: tuple[dict[str, Any], ...], expected: list[str]
) -> None:
    assert sorted(pointers(config(encoder, decoder, *options))) == sorted(expected)


@pytest.mark.parametrize(
    ("family", "kind", "options", "expected"),
    [
        ("encoder", "dac", {"strides": [3, 1]}, ["/config/strides/1"]),
        ("decoder", "dac", {"rates": [3, 1, 2]}, ["/config/rates/0", "/config/rates/1"]),
        ("decoder", "dac", {"rates": [3, 1, 2], "exact_length": True}, []),
        ("decoder", "oobleck", {"c_mults": [1], "strides": [3], "use_nearest_upsample": True}, []),
        ("decoder", "taae", {"strides": [1, 5, 8, 8]}, ["/config/strides/1"]),
        ("encoder", "seanet", {"ratios": [3, 1, 5]}, []),
        ("encoder", "seanet", {"norm_params": {"eps": 0.1}}, ["/config/norm_params/eps"]),
        ("encoder", "seanet", {"norm": "layer_norm", "norm_params": {"eps": 0.1}}, []),
        ("encoder", "seanet", {"norm": "layer_norm", "norm_params": {"affine": False}}, ["/config/norm_params/affine"]),
    ],
)
def test_warnings(family: str, kind: str, options: dict[str, Any], expected: list[str]) -> None:
    assert part(family, kind, options, "warning") == expected


def test_squashing_twice_warns() -> None:
    assert part("decoder", "dac", {}, "warning", soft_clip=True) == ["/soft_clip"]
    assert part("decoder", "oobleck", {}, "warning", soft_clip=True) == ["/soft_clip"]
    assert part("decoder", "oobleck", {"final_tanh": False}, "warning", soft_clip=True) == []


def test_latents_without_the_noise_channels() -> None:
    """`latent_dim` may count them, as in stable-audio-tools, where nothing checks it; the model has the true number."""
    document = config("oobleck", "oobleck", {}, {"latent_dim": LATENTS + 2})
    document["model"] |= {"bottleneck": {"type": "wasserstein", "config": {"noise_augment_dim": 2}}}
    assert pointers(document) == pointers(document, level="warning") == []
    document["model"]["latent_dim"] = LATENTS + 2
    assert pointers(document) == []
    assert pointers(document, level="warning") == ["/model/latent_dim"]
    document["model"]["latent_dim"] = LATENTS + 1
    assert pointers(document) == ["/model/encoder/config/latent_dim", "/model/decoder/config/latent_dim"]
