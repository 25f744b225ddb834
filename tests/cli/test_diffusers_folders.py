"""Folders that diffusers itself writes: strictly loaded, with its outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderOobleck, StableAudioDiTModel
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from diffusers.pipelines.stable_audio.modeling_stable_audio import StableAudioProjectionModel
from support import tiny_encoders
from support.command_matrix import run
from torch import Generator, Tensor, nn

from narrows.models import CheckpointError, load_checkpoint, load_model, save_model

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")


def randomized(module: Any) -> Any:
    generator = Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return module.eval()


def oobleck() -> Any:
    made = AutoencoderOobleck(
        encoder_hidden_size=8, downsampling_ratios=[2, 4], channel_multiples=[1, 2], decoder_channels=4,
        decoder_input_channels=4, audio_channels=2, sampling_rate=16000,
    )  # fmt: skip
    return randomized(made)


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(1))


@pytest.fixture
def pipeline(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Any, Any]:
    """The folder of a pipeline whose encoder of prompts has a width."""
    width = getattr(request, "param", 64)
    transformer = StableAudioDiTModel(
        sample_size=32, in_channels=4, num_layers=2, attention_head_dim=64, num_attention_heads=2,
        num_key_value_attention_heads=1, out_channels=4, cross_attention_dim=64, time_proj_dim=256,
        global_states_input_dim=128, cross_attention_input_dim=64,
    )  # fmt: skip
    projection = StableAudioProjectionModel(text_encoder_dim=width, conditioning_dim=64, min_value=0, max_value=512)
    parts: dict[str, Any] = {"vae": oobleck(), "transformer": transformer, "projection_model": projection}
    for name, part in parts.items():
        randomized(part).save_pretrained(tmp_path / name)
    (tmp_path / "text_encoder").mkdir()
    (tmp_path / "text_encoder" / "config.json").write_text(json.dumps({"model_type": "t5", "d_model": width}))
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "StableAudioPipeline"}))
    return tmp_path, transformer.eval(), projection.eval()


def test_an_autoencoder_has_the_outputs_of_diffusers(tmp_path: Path) -> None:
    theirs = oobleck()
    theirs.save_pretrained(tmp_path / "vae")
    ours = load_model(tmp_path / "vae")
    audio, latents = random(1, 2, 512), random(1, 4, 64)
    with torch.no_grad():
        mean = theirs.encode(audio).latent_dist.mode()
        torch.testing.assert_close(ours.encode(audio, skip_bottleneck=True)[:, :4], mean, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(ours.decode(latents), theirs.decode(latents).sample, atol=1e-5, rtol=1e-4)
    assert ours.sample_rate == 16000
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.zero_()
    report = load_checkpoint(ours, tmp_path / "vae" / "diffusion_pytorch_model.safetensors")
    assert "2 stages" in report.source


def test_a_pipeline_has_the_outputs_of_diffusers(pipeline: tuple[Path, Any, Any]) -> None:
    folder, transformer, projection = pipeline
    model = load_model(folder)
    assert (model.sample_rate, model.sample_size) == (16000, 256)
    x, t, text = random(2, 4, 32), torch.tensor([0.3, 0.8]), random(2, 5, 64)
    with torch.no_grad():
        given = projection(
            text_hidden_states=text, start_seconds=torch.tensor([0.0, 1.0]), end_seconds=torch.tensor([30.0, 9.0])
        )
        numbers = [given.seconds_start_hidden_states, given.seconds_end_hidden_states]
        want = transformer(
            x, t,
            encoder_hidden_states=torch.cat([text, *numbers], dim=1),
            global_hidden_states=torch.cat(numbers, dim=2),
            rotary_embedding=get_1d_rotary_pos_embed(32, 33, use_real=True, repeat_interleave_real=False),
            return_dict=False,
        )[0]  # fmt: skip
        metadata = [{"seconds_start": 0, "seconds_total": 30}, {"seconds_start": 1, "seconds_total": 9}]
        conditioners: Any = model.conditioner
        tensors = {"prompt": (text, torch.ones(2, 5))}
        for name in ("seconds_start", "seconds_total"):
            tensors[name] = conditioners.conditioners[name]([item[name] for item in metadata], "cpu")
        got = model.predict(x, t, model.get_conditioning_inputs(tensors))
    torch.testing.assert_close(got, want, atol=2e-5, rtol=1e-4)


def test_a_folder_that_is_not_whole_is_refused(pipeline: tuple[Path, nn.Module, nn.Module]) -> None:
    folder = pipeline[0]
    (folder / "projection_model" / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"projection_model has no config\.json"):
        load_model(folder)


@pytest.mark.parametrize("pipeline", [tiny_encoders.WIDTH], indirect=True)
def test_a_pipeline_makes_a_sound_of_a_prompt(pipeline: tuple[Path, nn.Module, nn.Module], tmp_path: Path) -> None:
    folder = pipeline[0]
    (folder / "text_encoder" / "config.json").unlink()
    tiny_encoders.t5(folder / "text_encoder")
    (folder / "tokenizer").mkdir()
    for path in (folder / "text_encoder").glob("tokenizer*"):
        path.rename(folder / "tokenizer" / path.name)
    outcome = run(
        ["generate", str(folder), "slow drum", "--steps", "2", "--seconds", "0.01", "-o", str(tmp_path / "out")]
    )
    assert outcome.code == 0, outcome.error
    assert (tmp_path / "out" / "0000-slow-drum.wav").is_file()
    saved = load_model(save_model(load_model(folder), tmp_path / "ours"))
    made = [model.generate("slow drum", seed=1, steps=2, seconds=0.01) for model in (load_model(folder), saved)]
    assert torch.equal(*made)
