"""Every class of `AutoModelForAudioTokenization` and every audio autoencoder of the installed diffusers, at the bridge.

Each is made with random weights and saved by its own `save_pretrained`; what the bridge gives is its own call's. The
lists are those of the installed packages, so that a class that a new release brings fails here until it has a case.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers
from diffusers.models import autoencoders
from support.tiny_codec_classes import dac, kvae, oobleck, vibevoice
from torch import Generator, Tensor
from transformers.models.auto import modeling_auto
from transformers.utils import import_utils

from narrows.audio.sinc import sinc_resample
from narrows.models import create_model_from_config, create_pretransform_from_config
from narrows.models.bridge import BridgeError, bridged_codec
from narrows.models.bridge.features import filter_banks

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning"),
    # w2v-BERT's own way of counting frames.
    pytest.mark.filterwarnings("ignore:.*__floordiv__.*"),
]

DAC = {
    "encoder_hidden_size": 4, "downsampling_ratios": [2, 4], "upsampling_ratios": [2, 4], "decoder_hidden_size": 16,
    "hidden_size": 8, "model_type": "dac",
}  # fmt: skip
HUBERT = {
    "model_type": "hubert", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 16, "conv_dim": [8, 8], "conv_kernel": [10, 4], "conv_stride": [2, 4],
    "num_feat_extract_layers": 2, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
    "mask_time_prob": 0.0,
}  # fmt: skip
SPEECH = {
    "model_type": "wav2vec2-bert", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 16, "feature_projection_input_dim": 160, "num_adapter_layers": 1,
}  # fmt: skip


def xcodec() -> Any:
    return transformers.XcodecModel(
        transformers.XcodecConfig(
            target_bandwidths=[40.0, 80.0], codebook_size=16, acoustic_model_config=DAC, semantic_model_config=HUBERT,
            sample_rate=16000,
        )
    )  # fmt: skip


def higgs() -> Any:
    # It pads its audio for the speech encoder by 10 ms, whatever the strides.
    strides = [8, 5, 4, 2]
    speech = {
        "conv_dim": [8] * 7, "conv_kernel": [10, 3, 3, 3, 3, 2, 2], "conv_stride": [5, 2, 2, 2, 2, 2, 2],
        "num_feat_extract_layers": 7,
    }  # fmt: skip
    return transformers.HiggsAudioV2TokenizerModel(
        transformers.HiggsAudioV2TokenizerConfig(
            target_bandwidths=[1.0, 2.0], codebook_size=16, codebook_dim=8, sample_rate=16000,
            acoustic_model_config={**DAC, "downsampling_ratios": strides, "upsampling_ratios": strides},
            semantic_model_config={**HUBERT, **speech},
        )
    )  # fmt: skip


def with_speech_encoder(kind: Any, config: Any) -> Any:
    return kind(
        config(
            hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
            head_dim=16, encoder_hidden_size=4, semantic_model_config=SPEECH, quantization_dim=48,
            quantization_levels=[4] * 6,
        )
    )  # fmt: skip


def xcodec2() -> Any:
    return with_speech_encoder(transformers.Xcodec2Model, transformers.Xcodec2Config)


def neucodec() -> Any:
    return with_speech_encoder(transformers.NeuCodecModel, transformers.NeuCodecConfig)


def pocket_tts() -> Any:
    return transformers.PocketTTSAudioTokenizerModel(
        transformers.PocketTTSAudioTokenizerConfig(
            hidden_size=16, num_filters=4, upsampling_ratios=[2, 2], latent_stride=2, latent_dim=6, upsample_groups=4,
            num_hidden_layers=1, intermediate_size=16, num_attention_heads=2, num_key_value_heads=2, sliding_window=8,
            sampling_rate=8000,
        )
    )  # fmt: skip


def same() -> Any:
    return autoencoders.AutoencoderSAME(
        patch_size=4, encoder_channels=16, encoder_c_mults=(2,), encoder_strides=(4,), encoder_transformer_depths=(1,),
        latent_dim=8, dim_heads=16,
    )  # fmt: skip


def minimax() -> Any:
    return autoencoders.AutoencoderKLMiniMaxH3Audio(
        encoder_dim=4, encoder_rates=(2, 4), latent_dim=16, latent_channels=4, num_attention_heads=2, decoder_dim=8,
        decoder_rates=(4, 2), decoder_kernel_sizes=(8, 4), resblock_kernel_sizes=(3,),
        resblock_dilation_sizes=((1, 3),),
    )  # fmt: skip


def longcat() -> Any:
    return autoencoders.LongCatAudioDiTVae(
        channels=8, c_mults=[1, 2], strides=[2, 4], latent_dim=4, encoder_latent_dim=8, downsampling_ratio=8
    )


def cosmos() -> Any:
    return autoencoders.Cosmos3AVAEAudioTokenizer(
        vocoder_input_dim=4, dec_dim=4, dec_c_mults=(1, 2), dec_strides=(4, 8), enc_dim=8, enc_num_blocks=1,
        enc_n_fft=16, enc_hop_length=4, enc_latent_dim=8, enc_c_mults=(1, 2), enc_strides=(2, 4),
    )  # fmt: skip


class Case(NamedTuple):
    make: Callable[[], Any]
    rate: int
    hop: int
    tokens: int = 0
    """Codebooks; 0 for latents."""


CASES = {
    "DacModel": Case(partial(dac, 44100), 44100, 8, 3),
    "HiggsAudioV2TokenizerModel": Case(higgs, 16000, 320, 10),
    "XcodecModel": Case(xcodec, 16000, 8, 10),
    "Xcodec2Model": Case(xcodec2, 16000, 320, 1),
    "NeuCodecModel": Case(neucodec, 24000, 480, 1),
    "PocketTTSAudioTokenizerModel": Case(pocket_tts, 8000, 8),
    "VibeVoiceAcousticTokenizerModel": Case(vibevoice, 24000, 8),
    "AutoencoderOobleck": Case(partial(oobleck, 48000), 48000, 8),
    "AutoencoderSAME": Case(same, 44100, 16),
    "AutoencoderKLKVAEAudio": Case(kvae, 8000, 8),
    "AutoencoderKLMiniMaxH3Audio": Case(minimax, 32000, 8),
    "LongCatAudioDiTVae": Case(longcat, 24000, 8),
    "Cosmos3AVAEAudioTokenizer": Case(cosmos, 48000, 32),
}
SPECTROGRAMS = {"AutoencoderKLLTX2Audio", "MMAudioVAE"}
"""Their sound comes from a vocoder, which is another model."""
LOUDER = {"acoustic_encoder": 2.0, "fc_encoder": 1.4, "quantizer": 4.0}
"""Parts that are drawn anew, with so much gain: as transformers draws them, all audio gets one code."""
FRAMES = 23


@pytest.fixture
def torchaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that Higgs' module imports for its resampling, or our own with the same filters in its place."""
    if find_spec("torchaudio") is None:
        stand_in = ModuleType("torchaudio")
        stand_in.__spec__ = ModuleSpec("torchaudio", None)
        stand_in.functional = type("functional", (), {"resample": staticmethod(sinc_resample)})  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "torchaudio", stand_in)
        monkeypatch.setitem(import_utils.BACKENDS_MAPPING, "torchaudio", (lambda: True, ""))
        name = "transformers.models.higgs_audio_v2_tokenizer.modeling_higgs_audio_v2_tokenizer"
        kind = import_module(name).HiggsAudioV2TokenizerModel
        monkeypatch.setattr(transformers, "HiggsAudioV2TokenizerModel", kind, raising=False)


def written(case: Case, folder: Path) -> Any:
    """The network that a folder now holds; its codebooks are not empty, and its layers neither hush nor shout."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = case.make().eval()
        for name, tensor in network.state_dict().items():
            if name.endswith("codebook.embed"):
                tensor.normal_()
            elif case.tokens == 1 and tensor.ndim > 1 and name.partition(".")[0] in LOUDER:
                tensor.normal_(std=LOUDER[name.partition(".")[0]] / tensor[0].numel() ** 0.5)
    network.save_pretrained(folder)
    if case.make is vibevoice:
        (folder / "preprocessor_config.json").write_text('{"sampling_rate": 24000}')
    return network


def sounds(channels: int, length: int) -> Tensor:
    return 0.3 * torch.randn(2, channels, length, generator=Generator().manual_seed(1))


def encoded_by(theirs: Any, audio: Tensor) -> Tensor:
    """Codes or latents `(1, D, L)` of one clip, as its own class gives them."""
    if isinstance(theirs, transformers.Xcodec2Model):
        banks = filter_banks(torch.nn.functional.pad(audio[:, 0], (160, 160)))
        return theirs.encode(audio, banks).audio_codes
    if isinstance(theirs, transformers.NeuCodecModel):
        audio = torch.nn.functional.pad(sinc_resample(audio, 24000, 16000), (0, 320))
        return theirs.encode(audio, filter_banks(audio[:, 0])).audio_codes
    options = {
        name: False
        for name in ("sample", "sample_posterior")
        if name in (known := signature(theirs.encode).parameters) and known[name].default is True
    }
    out = theirs.encode(audio, **options)
    if hasattr(out, "latent_dist"):
        return out.latent_dist.mode()
    if hasattr(out, "audio_codes"):
        return out.audio_codes
    found = out.latents if hasattr(out, "latents") else out.latent
    frames_last = isinstance(theirs, autoencoders.LongCatAudioDiTVae | autoencoders.AutoencoderSAME)
    return found if frames_last else found.transpose(1, 2)


def sound_by(theirs: Any, encoded: Tensor, tokens: int) -> Tensor:
    if tokens:
        sound = theirs.decode(audio_codes=encoded).audio_values
        return sound if sound.dim() == 3 else sound[:, None]
    name = type(theirs).__name__
    out = theirs.decode(encoded.transpose(1, 2) if name.startswith(("PocketTTS", "VibeVoice")) else encoded)
    return out if isinstance(out, Tensor) else next(iter(out.values()))


def test_every_class_of_the_libraries_has_a_case() -> None:
    tokenizers = set(getattr(modeling_auto, "MODEL_FOR_AUDIO_TOKENIZATION_NAMES", {}).values())
    assert tokenizers <= set(CASES)
    kinds = {name: kind for name, kind in vars(autoencoders).items() if isinstance(kind, type)}
    of_sound = {
        name
        for name, kind in kinds.items()
        if hasattr(kind, "encode") and {"sample_rate", "sampling_rate"} & set(signature(kind.__init__).parameters)
    }
    assert of_sound == {name for name in CASES if hasattr(autoencoders, name)} | SPECTROGRAMS


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("torchaudio")
@torch.no_grad()
def test_what_the_bridge_gives_is_the_class_own(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    theirs = written(case, tmp_path)
    assert type(theirs).__name__ == name
    codec = bridged_codec(tmp_path)
    assert (codec.sample_rate, codec.downsampling_ratio) == (case.rate, case.hop)
    audio = sounds(codec.in_channels, FRAMES * case.hop)
    expected = torch.cat([encoded_by(theirs, clip[None]) for clip in audio])
    assert expected.shape[-1] == FRAMES
    encoded = codec.encode(audio)
    if case.tokens:
        assert len(expected.unique()) > 4, "random networks that always give the same code show nothing"
        assert torch.equal(encoded.long(), expected)
        assert expected.shape[1] == case.tokens
    else:
        torch.testing.assert_close(encoded, expected)
    sound = sound_by(theirs, expected, case.tokens)
    torch.testing.assert_close(
        codec.decode(encoded), torch.nn.functional.pad(sound, (0, audio.shape[-1] - sound.shape[-1]))
    )


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.tokens])
@pytest.mark.usefixtures("torchaudio")
def test_each_is_a_tokenizer_of_a_language_model(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    theirs = written(case, tmp_path)
    backbone = {"type": "continuous_transformer", "config": {"embed_dim": 32, "depth": 1, "dim_heads": 32}}
    model = create_model_from_config({
        "model_type": "lm",
        "sample_rate": case.rate,
        "sample_size": FRAMES * case.hop,
        "audio_channels": 1,
        "model": {
            "pretransform": {"type": "transformers", "config": {"path": str(tmp_path)}},
            "lm": {"codebook_pattern": "delay", **backbone},
        },
    })  # fmt: skip
    audio = sounds(1, FRAMES * case.hop)[:1]
    with torch.no_grad():
        assert torch.equal(model.tokenize(audio), encoded_by(theirs, audio))
    made = model.generate([{}], seconds=6 * case.hop / case.rate, seed=3, return_info=True)
    with torch.no_grad():
        sound = sound_by(theirs, made.codes[0][None], case.tokens)[0]
    length = min(sound.shape[-1], made.audio[0].shape[-1])
    torch.testing.assert_close(made.audio[0][..., :length], sound[..., :length])


def test_filter_banks_are_those_of_the_speech_encoder() -> None:
    """Its own extractor makes the same with numpy; torchaudio's, which the two codecs use, are compared where it is."""
    audio = sounds(1, 16000)[:, 0] * torch.linspace(0.05, 1, 16000)
    extractor = transformers.SeamlessM4TFeatureExtractor()
    theirs = extractor(list(audio.numpy()), sampling_rate=16000, return_tensors="pt", padding=True).input_features
    torch.testing.assert_close(filter_banks(audio), theirs, atol=2e-3, rtol=0)


@pytest.mark.skipif(find_spec("torchaudio") is None, reason="the processors of both need torchaudio")
@pytest.mark.parametrize(("name", "shorter"), [("Xcodec2", 1), ("NeuCodec", 0)])
def test_inputs_are_those_of_the_processors(name: str, shorter: int) -> None:
    from narrows.models.bridge.features import inputs

    audio = sounds(1, FRAMES * 320)[:1]
    extractor = getattr(transformers, f"{name}FeatureExtractor")()
    clip = audio[0, 0, : FRAMES * 320 - shorter].numpy()
    theirs = extractor(clip, sampling_rate=16000, return_tensors="pt")
    whole = torch.from_numpy(np.pad(clip, (0, shorter)))[None, None]
    network = type("Network", (), {"config": type("Config", (), {"model_type": name.lower()})})
    ours, further = inputs(network, whole, 320)
    assert torch.equal(ours, theirs.input_values)
    torch.testing.assert_close(further["input_features"], theirs.input_features, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", sorted(SPECTROGRAMS))
def test_autoencoders_of_spectrograms_are_refused(name: str, tmp_path: Path) -> None:
    small = {
        "AutoencoderKLLTX2Audio": {"base_channels": 32, "ch_mult": (1, 2), "num_res_blocks": 1, "latent_channels": 4},
        "MMAudioVAE": {
            "hidden_channels": 32,
            "latent_channels": 4,
            "channel_multipliers": (1, 1),
            "layers_per_block": 1,
        },
    }
    getattr(autoencoders, name)(**small[name]).save_pretrained(tmp_path)
    with pytest.raises(BridgeError, match=f"{name} works on spectrograms of .* vocoder"):
        bridged_codec(tmp_path)


@pytest.mark.skipif(find_spec("torchaudio") is not None, reason="says what is said without torchaudio")
def test_higgs_without_torchaudio_names_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["HiggsAudioV2TokenizerModel"]}')
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(BridgeError, match="torchaudio"):
        create_pretransform_from_config({"type": "transformers", "config": {"path": str(tmp_path)}}, 16000)
