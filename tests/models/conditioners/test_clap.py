"""CLAP conditioners against the ClapModel of transformers, from its folders and from files as laion_clap wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_encoders
from torch import Tensor

from narrows.models import create_multi_conditioner_from_conditioning_config, load_checkpoint
from narrows.models.conditioners.clap import clap_weights
from narrows.models.conditioners.clap_audio import CLAPAudioConditioner
from narrows.models.conditioners.clap_features import FRAMES, RATE, clap_features
from narrows.models.conditioners.clap_text import PARAMETERS, CLAPTextConditioner
from narrows.models.conditioners.encoders import EncoderError

transformers = pytest.importorskip("transformers")
TEXTS = ["a slow drum loop", "fast techno", ""]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("clap")
    return folder, tiny_encoders.clap(folder)


def laion(model: Any, file: Path) -> Path:
    """The weights of a ClapModel in a pickle, by the names and in the containers of laion_clap."""
    state: dict[str, Tensor] = {}
    for key, value in model.state_dict().items():
        key = key.replace("text_model.", "text_branch.").replace("audio_model.audio_encoder.", "audio_branch.")
        key = key.replace("linear1", "0").replace("linear2", "2")
        if key.startswith("audio_branch."):
            key = key.replace("attention.output.dense", "attn.proj").replace("attention.self", "attn")
            key = key.replace("intermediate.dense", "mlp.fc1").replace("output.dense", "mlp.fc2")
            key = key.replace("layernorm_before", "norm1").replace("layernorm_after", "norm2")
            key = key.replace("audio_branch.batch_norm", "audio_branch.bn0")
        state[f"module.{key}"] = value
    for key in [key for key in state if ".query." in key and "audio_branch" in key]:
        parts = [state.pop(key.replace("query", name)) for name in ("query", "key", "value")]
        state[key.replace("query", "qkv")] = torch.cat(parts)
    state["module.audio_branch.head.weight"] = torch.zeros(3)
    torch.save({"epoch": 1, "state_dict": state}, file)
    return file


def text_vectors(folder: Path, model: Any) -> Tensor:
    tokens = transformers.AutoTokenizer.from_pretrained(folder)(
        TEXTS, padding="max_length", max_length=77, return_tensors="pt"
    )
    with torch.no_grad():
        pooled = model.text_model(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).pooler_output
        return torch.nn.functional.normalize(model.text_projection(pooled), dim=-1)


def test_text_vectors(model: tuple[Path, Any]) -> None:
    folder, network = model
    conditioner = CLAPTextConditioner(16, str(folder))
    embeddings, mask = conditioner(TEXTS, "cpu")
    assert conditioner.state_dict() == {}
    assert mask is not None
    assert mask.shape == (3, 1)
    torch.testing.assert_close(embeddings[:, 0], text_vectors(folder, network), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(conditioner(TEXTS[:1], "cpu").embeddings, embeddings[:1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("layer", [-1, -2, 0])
def test_text_states(model: tuple[Path, Any], layer: int) -> None:
    """All columns as the tower makes them, padding too."""
    folder, network = model
    conditioner = CLAPTextConditioner(32, str(folder), use_text_features=True, feature_layer_ix=layer)
    embeddings, mask = conditioner(TEXTS, "cpu")
    tokens = transformers.AutoTokenizer.from_pretrained(folder)(
        TEXTS, padding="max_length", max_length=77, return_tensors="pt"
    )
    with torch.no_grad():
        states = network.text_model(**tokens.to("cpu"), output_hidden_states=True).hidden_states[layer]
    torch.testing.assert_close(embeddings, states, atol=1e-5, rtol=1e-5)
    assert mask is not None
    assert torch.equal(mask, tokens.attention_mask.bool())


def test_files_of_laion_clap_hold_the_same(model: tuple[Path, Any], tmp_path: Path) -> None:
    folder, network = model
    theirs, here = clap_weights(laion(network, tmp_path / "clap.pt")), clap_weights(folder)
    known = {key for key in here if "relative_position_index" not in key}
    assert known <= set(theirs)
    assert all(torch.equal(theirs[key], here[key]) for key in known if "num_batches" not in key)


def test_a_trained_text_tower_has_the_names_of_the_reference(model: tuple[Path, Any], tmp_path: Path) -> None:
    folder, _ = model
    config = {"clap_ckpt_path": str(folder), "finetune": True}
    section = {"cond_dim": 5, "configs": [{"id": "p", "type": "clap_text", "config": config}]}
    multi, other = (create_multi_conditioner_from_conditioning_config(section) for _ in range(2))
    names = set(multi.state_dict())
    start = "conditioners.p.model.model."
    for name in ("text_branch.pooler.dense.weight", "text_projection.2.bias", "text_transform.sequential.3.weight"):
        assert start + name in names
    for name in ("audio_transform.sequential.0.bias", "audio_projection.0.weight", "logit_scale_a", "logit_scale_t"):
        assert start + name in names
    multi([{"p": text} for text in TEXTS], "cpu")["p"].embeddings.sum().backward()
    trained = {key for key, p in multi.named_parameters() if p.grad is not None}
    assert f"{start}text_projection.0.weight" in trained
    assert not any(p.requires_grad and key.startswith(f"{start}audio") for key, p in multi.named_parameters())
    with torch.no_grad():
        multi.get_parameter(f"{start}text_projection.2.bias").add_(1)
    torch.save(multi.state_dict(), tmp_path / "w.pt")
    load_checkpoint(other, tmp_path / "w.pt")
    got = [module([{"p": "fast"}], "cpu")["p"].embeddings for module in (multi, other)]
    assert torch.equal(*got)


def test_a_published_text_tower_is_counted() -> None:
    conditioner = CLAPTextConditioner(768, "/nowhere/clap.pt", finetune=False)
    assert conditioner.frozen_parameters == PARAMETERS
    with torch.device("meta"):
        trained = CLAPTextConditioner(768, "/nowhere/clap.pt", finetune=True)
    used = [p.numel() for key, p in trained.model.named_parameters() if ".text_branch." in key or ".text_proj" in key]
    assert sum(used) == PARAMETERS


@pytest.mark.parametrize("fusion", [True, False])
@pytest.mark.parametrize("seconds", [0.5, 10.0])
def test_audio_vectors(tmp_path: Path, fusion: bool, seconds: float) -> None:
    network = tiny_encoders.clap(tmp_path, fusion)
    audio = torch.randn(1, int(seconds * RATE), generator=torch.Generator().manual_seed(2)) * 0.1
    extractor = transformers.ClapFeatureExtractor(frequency_min=50)
    truncation = "fusion" if fusion else "rand_trunc"
    features = extractor(audio[0].numpy(), sampling_rate=RATE, truncation=truncation, return_tensors="pt")
    torch.testing.assert_close(clap_features(audio[0], fusion).mels, features.input_features[0], atol=2e-2, rtol=1e-3)
    with torch.no_grad():
        pooled = network.audio_model(features.input_features, is_longer=torch.zeros(1, 1, dtype=torch.bool))
        want = torch.nn.functional.normalize(network.audio_projection(pooled.pooler_output), dim=-1)
    conditioner = CLAPAudioConditioner(16, str(tmp_path), enable_fusion=fusion)
    torch.testing.assert_close(conditioner([audio], "cpu").embeddings[0], want, atol=1e-3, rtol=1e-3)


def test_long_clips_have_one_embedding() -> None:
    audio = torch.randn(RATE * 13, generator=torch.Generator().manual_seed(4))
    first, second = clap_features(audio, True), clap_features(audio, True)
    assert first.longer
    assert first.mels.shape == (4, FRAMES, 64)
    assert torch.equal(first.mels, second.mels)
    assert not torch.equal(first.mels[1], first.mels[2])
    assert clap_features(audio, False).mels.shape == (1, FRAMES, 64)
    assert not clap_features(audio[: RATE * 10 + 20], True).longer


def test_clips_do_not_depend_on_the_batch(model: tuple[Path, Any]) -> None:
    folder, _ = model
    conditioner = CLAPAudioConditioner(16, str(folder), sample_rate=24000)
    clips = [torch.randn(2, 24000 * seconds, generator=torch.Generator().manual_seed(seconds)) for seconds in (1, 11)]
    together = conditioner(clips, "cpu").embeddings
    for row, clip in zip(together, clips, strict=True):
        torch.testing.assert_close(conditioner([clip], "cpu").embeddings[0], row, atol=1e-5, rtol=1e-4)
    fast = CLAPAudioConditioner(16, str(folder))
    assert not torch.allclose(fast(clips[:1], "cpu").embeddings, together[:1])


def test_a_trained_audio_tower(model: tuple[Path, Any]) -> None:
    folder, _ = model
    conditioner = CLAPAudioConditioner(5, str(folder), finetune=True)
    conditioner([torch.randn(1, RATE)], "cpu").embeddings.sum().backward()
    grads = {key for key, p in conditioner.named_parameters() if p.grad is not None}
    assert "model.model.audio_projection.0.weight" in grads
    assert any(key.startswith("model.model.audio_branch.layers.0.") for key in grads)


def test_checkpoints_that_do_not_fit(model: tuple[Path, Any], tmp_path: Path) -> None:
    folder, network = model
    with pytest.raises(EncoderError, match="There is no CLAP checkpoint at"):
        CLAPAudioConditioner(16, str(tmp_path / "nowhere.pt"))([torch.zeros(1, 9)], "cpu")
    with pytest.raises(EncoderError, match="was trained with fusion"):
        CLAPAudioConditioner(16, str(folder), enable_fusion=False)([torch.zeros(1, 9)], "cpu")
    file = laion(network, tmp_path / "clap.pt")
    with pytest.raises(EncoderError, match="is no HTSAT-base: its audio tower is 128 wide"):
        CLAPAudioConditioner(512, str(file))([torch.zeros(1, 9)], "cpu")
    torch.save({"state_dict": {"something": torch.zeros(1)}}, tmp_path / "other.pt")
    with pytest.raises(EncoderError, match="is no CLAP checkpoint"):
        CLAPTextConditioner(512, str(tmp_path / "other.pt"), tokenizer_path=str(folder))(TEXTS, "cpu")
