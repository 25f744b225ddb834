"""Codecs of transformers and diffusers run by their own classes, from folders that these wrote with random weights."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from support.tiny_codec_classes import dac, kvae, oobleck, vibevoice
from torch import Generator, Tensor

from narrows.configs import ConfigError
from narrows.models import create_model_from_config, create_pretransform_from_config, load_model, save_model
from narrows.models.bridge import BridgeError, bridged_codec
from narrows.models.extras import MissingExtraError

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning"),
]
FRAMES, HOP = 37, 8


def encodec() -> Any:
    return transformers.EncodecModel(
        transformers.EncodecConfig(
            target_bandwidths=[4.0, 12.0], num_filters=4, hidden_size=8, codebook_size=16, codebook_dim=8,
            upsampling_ratios=[4, 2], num_lstm_layers=1, sampling_rate=8000,
        )
    )  # fmt: skip


def mimi() -> Any:
    return transformers.MimiModel(
        transformers.MimiConfig(
            hidden_size=16, num_filters=4, upsampling_ratios=[4], codebook_size=16, codebook_dim=8, num_quantizers=3,
            num_semantic_quantizers=1, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
            intermediate_size=32, vector_quantization_hidden_dimension=8, sampling_rate=8000, frame_rate=1000.0,
            sliding_window=8, upsample_groups=16,
        )
    )  # fmt: skip


def codes_of(network: Any, audio: Tensor) -> Tensor:
    options = {"bandwidth": 12.0} if isinstance(network, transformers.EncodecModel) else {}
    codes = network.encode(audio, **options).audio_codes
    return codes[0] if codes.dim() == 4 else codes


def sound_of(network: Any, codes: Tensor) -> Tensor:
    if isinstance(network, transformers.EncodecModel):
        return network.decode(codes[None], [None]).audio_values
    sound = network.decode(audio_codes=codes).audio_values
    return sound[:, None] if sound.dim() == 2 else sound


TOKENS = [dac, encodec, mimi]


def written(make: Callable[[], Any], folder: Path) -> Any:
    """The network that a folder now holds."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = make().eval()
        for name, buffer in network.named_buffers():  # these two leave their codebooks empty
            if name.endswith(("codebook.embed", "codebook.embed_sum")):
                buffer.normal_(std=0.02)
    network.save_pretrained(folder)
    if make is vibevoice:
        (folder / "preprocessor_config.json").write_text(json.dumps({"sampling_rate": 8000}))
    return network


def audio(channels: int = 1, length: int = FRAMES * HOP) -> Tensor:
    return 0.3 * torch.randn(2, channels, length, generator=Generator().manual_seed(1))


@pytest.mark.parametrize("make", TOKENS)
@torch.no_grad()
def test_tokens_and_sound_are_those_of_the_class(make: Callable[[], Any], tmp_path: Path) -> None:
    theirs = written(make, tmp_path)
    pretransform = create_pretransform_from_config({"type": "transformers", "config": {"path": str(tmp_path)}}, 8000)
    codes = codes_of(theirs, audio())
    assert codes.shape == (2, 3, FRAMES)
    assert len(codes.unique()) > 4, "random networks that always give the same code show nothing"
    assert (pretransform.num_quantizers, pretransform.codebook_size, pretransform.downsampling_ratio) == (3, 16, HOP)
    assert torch.equal(pretransform.tokenize(audio()), codes)
    assert torch.equal(pretransform.decode_tokens(codes), sound_of(theirs, codes))


@pytest.mark.parametrize("make", [oobleck, kvae])
@torch.no_grad()
def test_latents_and_sound_are_those_of_the_class(make: Callable[[], Any], tmp_path: Path) -> None:
    theirs = written(make, tmp_path)
    codec = bridged_codec(tmp_path)
    given = audio(codec.in_channels)
    mean = theirs.encode(given).latent_dist.mode()
    assert torch.equal(codec.encode(given), mean)
    assert torch.equal(codec.decode(mean), theirs.decode(mean).sample)
    scaled = {"type": "transformers", "config": {"path": str(tmp_path), "scale": 2.0}}
    assert torch.equal(create_pretransform_from_config(scaled, 8000).encode(given), mean / 2)


@torch.no_grad()
def test_latents_with_frames_before_channels_and_noise_of_its_own(tmp_path: Path) -> None:
    theirs = written(vibevoice, tmp_path)
    codec = bridged_codec(tmp_path)
    mean = theirs.encode(audio(), sample=False).latents
    assert mean.shape == (2, FRAMES, 6)
    assert torch.equal(codec.encode(audio()), mean.transpose(1, 2))
    torch.testing.assert_close(codec.decode(mean.transpose(1, 2)), theirs.decode(mean).audio)


@torch.no_grad()
def test_clips_of_any_length_and_batch_get_what_they_get_alone(tmp_path: Path) -> None:
    written(encodec, tmp_path)
    codec = bridged_codec(tmp_path)
    short = 11 * HOP + 3
    codes, info = codec.encode_audio(audio(), lengths=[FRAMES * HOP, short], return_info=True)
    assert info["latent_lengths"] == [FRAMES, 12]
    assert torch.equal(codes[1:, :, :12], codec.encode_audio(audio()[1:, :, :short]))
    assert codec.decode_audio(codes).shape == (2, 1, FRAMES * HOP)


def lm(folder: Path) -> dict[str, Any]:
    backbone = {"type": "continuous_transformer", "config": {"embed_dim": 32, "depth": 1, "dim_heads": 32}}
    return {
        "model_type": "lm",
        "sample_rate": 8000,
        "sample_size": FRAMES * HOP,
        "audio_channels": 1,
        "model": {
            "pretransform": {"type": "transformers", "config": {"path": str(folder)}},
            "lm": {"codebook_pattern": "delay", **backbone},
        },
    }


def test_a_language_model_on_its_tokens(tmp_path: Path) -> None:
    theirs = written(dac, tmp_path / "codec")
    model = create_model_from_config(lm(tmp_path / "codec"))
    assert torch.equal(model.tokenize(audio()), codes_of(theirs, audio()))
    made = model.generate([{}], seconds=6 * HOP / 8000, seed=3, return_info=True)
    assert torch.equal(made.audio[0], sound_of(theirs, made.codes[0][None])[0])
    model.train()
    assert not model.pretransform.model.encoder.network.training
    assert not any(parameter.requires_grad for parameter in model.pretransform.parameters())
    again = load_model(save_model(model, tmp_path / "lm"))
    assert torch.equal(again.generate([{}], seconds=6 * HOP / 8000, seed=3), made.audio[0][None])


def test_copies_own_their_network_and_nothing_global_changes(tmp_path: Path) -> None:
    written(dac, tmp_path)
    before = torch.random.get_rng_state()
    codec = bridged_codec(tmp_path)
    assert torch.equal(torch.random.get_rng_state(), before)
    twin = copy.deepcopy(codec)
    assert twin.decoder.calls.network is twin.encoder.network is not codec.encoder.network
    assert len(codec.state_dict()) == len(codec.encoder.network.state_dict())


def test_codes_in_16_bit_are_refused(tmp_path: Path) -> None:
    written(dac, tmp_path)
    with pytest.raises(TypeError, match="use this codec in float32"):
        bridged_codec(tmp_path).decode(torch.zeros(1, 3, 4, dtype=torch.float16))


def test_a_folder_of_a_class_without_modules_of_ours_is_a_model(tmp_path: Path) -> None:
    theirs = written(kvae, tmp_path)
    with torch.no_grad():
        assert torch.equal(load_model(tmp_path).encode(audio()), theirs.encode(audio()).latent_dist.mode())


def change(folder: Path, **options: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **options}))


def test_folders_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    def refused(folder: Path, message: str) -> None:
        with pytest.raises(BridgeError, match=message):
            bridged_codec(folder)

    refused(tmp_path / "nowhere", "has no config.json")
    written(dac, tmp_path / "a")
    change(tmp_path / "a", architectures=["MyCodec"], model_type="mine", auto_map={"AutoModel": "mine.MyCodec"})
    refused(tmp_path / "a", "no class MyCodec.*is never run")
    change(tmp_path / "a", architectures=["BertModel"])
    refused(tmp_path / "a", "BertModel does not encode and decode audio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("narrows.models.bridge.reading.FRONT_ENDS", {})
        change(tmp_path / "a", architectures=["Xcodec2Model"])
        refused(tmp_path / "a", "Xcodec2Model needs input_features besides audio")
    change(tmp_path / "a", architectures=["HiggsAudioV2TokenizerModel"], model_type="higgs_audio_v2_tokenizer")
    refused(tmp_path / "a", "torchaudio" if find_spec("torchaudio") is None else "")
    change(tmp_path / "a", architectures=["DacModel"], model_type="dac", n_codebooks=4)
    refused(tmp_path / "a", "lack quantizer.quantizers.3")
    (tmp_path / "a" / "model.safetensors").rename(tmp_path / "a" / "pytorch_model.bin")
    refused(tmp_path / "a", "no weights in safetensors")
    written(oobleck, tmp_path / "b")
    change(tmp_path / "b", _class_name="AutoencoderKL_of_mine")
    refused(tmp_path / "b", "has no autoencoder AutoencoderKL_of_mine")


def test_other_rates_and_training_are_refused(tmp_path: Path) -> None:
    written(dac, tmp_path)
    config = {"type": "transformers", "config": {"path": str(tmp_path)}}
    with pytest.raises(BridgeError, match="works at 8000 Hz, but the model's sample_rate is 16000"):
        create_pretransform_from_config(config, 16000)
    with pytest.raises(ConfigError, match="cannot be trained here"):
        create_pretransform_from_config({**config, "enable_grad": True}, 8000)


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(oobleck, tmp_path)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(MissingExtraError, match=r"narrows-models\[diffusers\]"):
        bridged_codec(tmp_path)
