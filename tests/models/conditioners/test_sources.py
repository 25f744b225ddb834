"""Conditioners that encode audio with a pretransform."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.models import create_multi_conditioner_from_conditioning_config, create_pretransform_from_config
from narrows.models.codec import ChannelError
from narrows.models.conditioners import ConditionError, MultiConditioner
from narrows.models.conditioners.pretransform import PretransformConditioner
from narrows.models.conditioners.source_mix import SourceMixConditioner
from narrows.models.pretransforms import Pretransform

PQMF = {"type": "pqmf", "config": {"channels": 2, "num_bands": 2}}
STAGES = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2]}
VAE = {
    "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 8, **STAGES}},
    "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 4, **STAGES}},
    "bottleneck": {"type": "vae"},
    "latent_dim": 4,
    "downsampling_ratio": 4,
    "io_channels": 2,
}


def pqmf() -> Pretransform:
    return create_pretransform_from_config(PQMF, 16000)


def noise(channels: int = 2, samples: int = 64, seed: int = 0) -> Tensor:
    return torch.randn(channels, samples, generator=torch.Generator().manual_seed(seed))


def build(kind: str, pretransform: Pretransform | None = None, **config: Any) -> MultiConditioner:
    section = {"cond_dim": 6, "configs": [{"id": "x", "type": kind, "config": {"sample_rate": 16000, **config}}]}
    return create_multi_conditioner_from_conditioning_config(section, pretransform)


def test_channels_are_projected_where_widths_differ() -> None:
    inner = pqmf()
    conditioner = PretransformConditioner(inner, 6)
    assert conditioner.proj_out.weight.shape == (6, 4)
    got = conditioner([noise()], "cpu").embeddings
    want = torch.nn.functional.conv1d(inner.encode(noise()[None]), conditioner.proj_out.weight[..., None])
    torch.testing.assert_close(got, want + conditioner.proj_out.bias[:, None])


@pytest.mark.parametrize("channels", [1, 2])
def test_channels_of_the_audio(channels: int) -> None:
    audio, conditioner = noise(channels), PretransformConditioner(pqmf(), 4)
    stereo = audio.expand(2, -1)
    assert torch.equal(conditioner([audio], "cpu").embeddings, conditioner([stereo], "cpu").embeddings)
    assert torch.equal(conditioner(audio[None], "cpu").embeddings, conditioner(audio, "cpu").embeddings)


def test_no_channel_is_dropped_in_silence() -> None:
    audio, conditioner = noise(5), PretransformConditioner(pqmf(), 4)
    with pytest.raises(ChannelError, match="set channel_policy to downmix"):
        conditioner([audio], "cpu")
    problem = conditioner.problem(audio)
    assert problem is not None
    assert "channel_policy" in problem


def test_a_pretransform_is_saved_where_that_is_asked_for() -> None:
    own = {"pretransform_config": {"type": "autoencoder", "config": VAE}}
    outside, inside = build("pretransform", **own), build("pretransform", **own, save_pretransform=True)
    assert set(outside.state_dict()) == {"conditioners.x.proj_out.weight", "conditioners.x.proj_out.bias"}
    assert any(key.startswith("conditioners.x.pretransform.model.encoder.") for key in inside.state_dict())
    size = sum(parameter.numel() for parameter in inside.conditioners["x"].pretransform.parameters())
    assert (outside.frozen_parameters, inside.frozen_parameters) == ({"x": size}, {"x": 0})


def test_weights_of_a_pretransform(tmp_path: Path) -> None:
    own = {"type": "autoencoder", "config": VAE}
    trained = create_pretransform_from_config(own, 16000)
    torch.save(trained.state_dict(), tmp_path / "w.pt")
    multi = build("source_mix", pretransform_config=own, pretransform_ckpt_path=str(tmp_path / "w.pt"))
    loaded = multi.conditioners["x"].pretransform.state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in trained.state_dict().items())


def test_a_shared_pretransform_is_the_model_s() -> None:
    inner = pqmf()
    multi = build("pretransform", inner, use_model_pretransform=True)
    assert multi.conditioners["x"].pretransform is inner
    with pytest.raises(ConditionError, match="needs the model's pretransform"):
        build("pretransform", use_model_pretransform=True)


def test_draws_come_from_a_generator_an_item() -> None:
    multi = build("pretransform", pretransform_config={"type": "autoencoder", "config": VAE})
    items = [{"x": noise(seed=1)}, {"x": noise(seed=2)}]

    def run(items: list[Any], seeds: list[int]) -> Tensor:
        return multi(items, "cpu", [torch.Generator().manual_seed(seed) for seed in seeds])["x"].embeddings

    both = run(items, [5, 6])
    assert torch.equal(both, run(items, [5, 6]))
    assert not torch.equal(both, run(items, [5, 7]))
    torch.testing.assert_close(run(items[1:], [6])[0], both[1])
    assert torch.equal(
        multi(items, "cpu", torch.Generator().manual_seed(1))["x"].embeddings,
        multi(items, "cpu", torch.Generator().manual_seed(1))["x"].embeddings,
    )


def test_source_mix_adds_its_heads() -> None:
    inner = pqmf()
    conditioner = SourceMixConditioner(inner, 4, source_keys=["a", "b"])  # as wide as the latents, too
    a, b = noise(seed=1), noise(seed=2)
    both = conditioner([{"a": a, "b": b, "other": 3}], "cpu").embeddings
    alone = conditioner([{"a": a}], "cpu").embeddings + conditioner([{"b": b}], "cpu").embeddings
    torch.testing.assert_close(both, alone)
    both.sum().backward()
    assert conditioner.source_heads[0].weight.grad is not None
    encoded = SourceMixConditioner(inner, 4, source_keys=["a", "b"], pre_encoded=True)
    encoded.load_state_dict(conditioner.state_dict())
    latents = {key: inner.encode(audio[None])[0] for key, audio in (("a", a), ("b", b))}
    torch.testing.assert_close(encoded([latents], "cpu").embeddings, both)


def test_items_without_sources() -> None:
    conditioner = SourceMixConditioner(pqmf(), 6, source_keys=["a"], allow_null_source=True, source_length=32)
    embeddings, mask = conditioner([{"a": noise()}, {}], "cpu")
    assert torch.equal(embeddings[1], conditioner.null_source.expand(6, 32))
    assert mask is not None
    assert mask.shape == (2, 32)
    plain = SourceMixConditioner(pqmf(), 6, source_keys=["a"])
    for value, message in (
        ({}, "has no sources to mix: none of a"),
        ({"a": noise()[0]}, r"must have sources \(channels, length\), got \(64,\)"),
        (3, "must be a mapping of sources, got int"),
    ):
        with pytest.raises(ConditionError, match=message):
            plain([value], "cpu")
    two = SourceMixConditioner(pqmf(), 6, source_keys=["a", "b"])
    with pytest.raises(ConditionError, match=r"different lengths, \[16, 32\] latent frames"):
        two([{"a": noise(), "b": noise(samples=32)}], "cpu")
    with pytest.raises(ConditionError, match="Mixes of one batch must have one shape"):
        plain([{"a": noise()}, {"a": noise(samples=32)}], "cpu")


def test_a_pretransform_of_its_own_leaves_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[Any] = []
    own, shared = PretransformConditioner(pqmf(), 4), PretransformConditioner(pqmf(), 4, shared=True)
    for conditioner in (own, shared):
        monkeypatch.setattr(conditioner.pretransform, "to", moved.append)
        conditioner.release()
    assert moved == ["cpu"]


def test_copies_have_their_own_heads() -> None:
    conditioner = SourceMixConditioner(pqmf(), 6, source_keys=["a"])
    copied = copy.deepcopy(conditioner)
    copied.source_heads[0].weight.data += 1
    assert not torch.equal(copied([{"a": noise()}], "cpu").embeddings, conditioner([{"a": noise()}], "cpu").embeddings)
