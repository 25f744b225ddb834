"""Models can be pickled, saved by torch, copied and sent to a spawned process, and are the same there."""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle
from typing import Any

import pytest
import torch
from support.command_matrix import MODELS
from support.tiny_bottlenecks import codec, encode_into
from torch import nn

from narrows.configs._families import FAMILIES
from narrows.models import create_encoder_from_config, create_model_from_config, load_model, save_model
from narrows.models.inference import prepare_for_inference


def by_torch(model: Any) -> Any:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


WAYS = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "torch": by_torch, "deepcopy": copy.deepcopy}


def assert_same(given: nn.Module, made: nn.Module) -> None:
    one, other = given.state_dict(), made.state_dict()
    assert list(one) == list(other)
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]) or bool(tensor.isnan().any())
        assert tensor.dtype == other[name].dtype
        assert tensor.untyped_storage().data_ptr() != other[name].untyped_storage().data_ptr() or not tensor.numel()
    assert [m.training for m in given.modules()] == [m.training for m in made.modules()]
    assert [p.requires_grad for p in given.parameters()] == [p.requires_grad for p in made.parameters()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MODELS)
def test_every_type_of_model(name: str, way: str, tmp_path: Any) -> None:
    model = create_model_from_config(MODELS[name]())
    before = torch.get_rng_state()
    made = WAYS[way](model)
    assert torch.equal(before, torch.get_rng_state())
    assert_same(model, made)
    assert made.config == model.config
    save_model(made, tmp_path / "model")
    assert_same(model, load_model(tmp_path / "model"))
    again = WAYS[way](made)
    assert_same(model, again)


@pytest.mark.parametrize("tag", [tag for tag in FAMILIES["bottleneck"].tags if tag != "skip"])
def test_every_bottleneck_in_training_mode_and_16_bit(tag: str) -> None:
    model = codec(tag).bfloat16().train()
    model.encoder.requires_grad_(False)
    model.bottleneck.eval()
    made = pickle.loads(pickle.dumps(model))
    assert_same(model, made)
    made.decoder(torch.randn(1, 6, 4).bfloat16()).sum().backward()
    assert all(p.grad is None for p in model.parameters())


def test_a_prepared_model_a_part_and_shared_weights() -> None:
    model, audio = codec("rvq"), torch.randn(1, 1, 800)
    prepared = copy.deepcopy(model)
    prepare_for_inference(prepared)
    made = pickle.loads(pickle.dumps(prepared))
    with torch.inference_mode():
        assert torch.equal(made.encode(audio), prepared.encode(audio))
    encoder = create_encoder_from_config({"type": "oobleck", "config": {"channels": 4, "c_mults": [1], "strides": [2]}})
    assert_same(encoder, pickle.loads(pickle.dumps(encoder)))
    first = encoder
    pair = pickle.loads(pickle.dumps(nn.ModuleList([first, first])))
    assert pair[0] is pair[1]


def test_a_spawned_process_gets_the_model() -> None:
    model, audio = codec("dac_rvq"), torch.randn(1, 1, 160)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=encode_into, args=(model, audio, results))
    process.start()
    try:
        there = torch.tensor(results.get(timeout=120))
    finally:
        process.join(10)
    with torch.inference_mode():
        torch.testing.assert_close(there, model.encode(audio))
