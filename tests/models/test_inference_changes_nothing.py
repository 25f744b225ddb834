"""What factories and loaders give encodes the same twice, and saves what it loaded, with every bottleneck."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_diffusion, tiny_lm
from support.tiny_bottlenecks import codec, document

from narrows.configs._families import FAMILIES
from narrows.models import (
    create_autoencoder_from_config,
    create_model_from_config,
    create_model_from_config_path,
    load_checkpoint,
    load_model,
    save_model,
)

TAGS = [tag for tag in FAMILIES["bottleneck"].tags if tag != "skip"]


def copied(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def assert_unchanged(model: Any, before: dict[str, torch.Tensor]) -> None:
    after = model.state_dict()
    assert [name for name in before if not torch.equal(before[name], after[name])] == []


@pytest.mark.parametrize("tag", TAGS)
def test_the_lines_of_the_readme_change_nothing(tag: str, tmp_path: Path) -> None:
    trained, audio = codec(tag).train(), torch.randn(4, 1, 800)
    trained.encode(audio)  # Codebooks and statistics are those of a step of training.
    save_model(trained, tmp_path / "trained")
    model = create_model_from_config(document(tag))
    load_checkpoint(model, tmp_path / "trained" / "model.safetensors")
    before = copied(model)
    first = model.encode(audio, return_info=True, generator=torch.Generator().manual_seed(1))[0]
    model.encode(torch.randn(4, 1, 4000))
    model.decode(first)
    second = model.encode(audio, generator=torch.Generator().manual_seed(1))
    assert torch.equal(first, second)
    assert_unchanged(model, before)
    save_model(model, tmp_path / "again")
    again, given = tmp_path / "again" / "model.safetensors", tmp_path / "trained" / "model.safetensors"
    assert again.read_bytes() == given.read_bytes()


@pytest.mark.parametrize("tag", TAGS)
def test_a_new_model_is_in_evaluation_mode_and_codebooks_move_in_training_only(tag: str, tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(create_model_from_config(document(tag)).config.model_dump_json(by_alias=True, exclude_unset=True))
    for model in (create_autoencoder_from_config(document(tag)), create_model_from_config_path(file)):
        assert not any(module.training for module in model.modules())
        before = copied(model)
        with torch.no_grad():
            model.encode_audio(torch.randn(2, 1, 900), chunk_size=20)
            list(model.encode_stream(torch.randn(2, 1, 900).split(100, dim=-1)))
        assert_unchanged(model, before)


def test_training_mode_is_one_call_away(tmp_path: Path) -> None:
    model = codec("rvq")
    save_model(model, tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    before = copied(loaded)
    loaded.train().encode(torch.randn(4, 1, 4000))
    assert not torch.equal(
        before["bottleneck.quantizer.layers.0._codebook.embed"],
        loaded.state_dict()["bottleneck.quantizer.layers.0._codebook.embed"],
    )


def generators() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Model files of each kind that generates, over codecs whose codebooks move in training, with requests."""
    rvq = {"type": "rvq", "config": {"dim": 4, "num_quantizers": 2, "codebook_size": 16}}
    sound, audio = torch.randn(1, 300, generator=torch.Generator().manual_seed(0)), torch.ones(1, 400)
    plain, listening = tiny_diffusion.document(), tiny_diffusion.listening()
    for made in (plain, listening):
        made["model"]["pretransform"]["config"]["bottleneck"] = rvq
    heard = {"genre": "rock", "melody": audio, "mix": {"drums": audio, "bass": audio}}
    first = {"steps": 2, "init_audio": (sound, tiny_diffusion.RATE), "init_noise_level": 0.5}
    cases = {
        "diffusion": (plain, {"prompts": "rock", **first}),
        "diffusion that listens": (listening, {"prompts": heard, "steps": 2}),
        "masked language model": (tiny_lm.masked_config(), {"prompt_audio": (sound[:, :80], 800)}),
    }
    for backbone in tiny_lm.BACKBONES:
        asked = {"conditions": {"text": 3, "front": 2, "level": 1}, "prompt_audio": (sound[:, :80], 800)}
        cases[backbone] = tiny_lm.config(backbone, cross=True, prepend=True, added=True), asked
    return cases


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", generators())
def test_generating_changes_nothing_in_either_mode(kind: str, training: bool) -> None:
    document, request = generators()[kind]
    model = create_model_from_config(document).train(training)
    before, modes = copied(model), [module.training for module in model.modules()]
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    first, second = (model.generate(**request, seconds=0.3, seed=1) for _ in range(2))
    assert torch.equal(first, second)
    assert_unchanged(model, before)
    assert [name for name, buffer in model.named_buffers() if not torch.equal(buffer, buffers[name])] == []
    assert [module.training for module in model.modules()] == modes
