"""Folders that diffusers and transformers write are read with their outputs, and ours are read by them."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import lcm
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from diffusers import AutoencoderOobleck, AutoencoderSAME, LongCatAudioDiTVae
from snac import SNAC
from support.command_matrix import run
from torch import Generator, Tensor
from transformers import DacConfig, DacModel, EncodecConfig, EncodecModel, MimiConfig, MimiModel

from narrows.models import create_model_from_config, load_checkpoint, load_model
from narrows.models.interchange import export_folder
from narrows.models.interchange.base import InterchangeError

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
OOBLECK: dict[str, Any] = {
    **{"encoder_hidden_size": 8, "channel_multiples": [1, 2], "decoder_channels": 4, "decoder_input_channels": 4},
    **{"downsampling_ratios": [2, 4], "audio_channels": 2, "sampling_rate": 44100},
}
ACE_STEP = OOBLECK | {
    **{"downsampling_ratios": [2, 4, 4, 6, 10], "channel_multiples": [1, 2, 4, 8, 16], "sampling_rate": 48000},
}
LONGCAT: dict[str, Any] = {
    **{"channels": 4, "c_mults": [1, 2, 4], "strides": [2, 6, 4], "latent_dim": 4, "encoder_latent_dim": 8},
}
SAME: dict[str, Any] = {
    **{"patch_size": 4, "encoder_channels": 16, "encoder_c_mults": [2, 4], "encoder_strides": [4, 2], "latent_dim": 6},
    **{"encoder_transformer_depths": [2, 1], "dim_heads": 32},
}
DAC: dict[str, Any] = {
    **{"encoder_hidden_size": 4, "decoder_hidden_size": 32, "n_codebooks": 3, "codebook_size": 16, "codebook_dim": 4},
    **{"downsampling_ratios": [2, 4, 8, 8], "sampling_rate": 44100},
}
ENCODEC: dict[str, Any] = {
    **{"num_filters": 4, "hidden_size": 8, "codebook_size": 16, "upsampling_ratios": [8, 5, 4, 2]},
    **{"target_bandwidths": [0.3, 0.9], "sampling_rate": 24000},
}


MIMI: dict[str, Any] = {
    **{"num_filters": 4, "hidden_size": 16, "upsampling_ratios": [4, 3], "num_hidden_layers": 2, "codebook_dim": 4},
    **{"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 16, "num_quantizers": 4},
    **{"vector_quantization_hidden_dimension": 4, "codebook_size": 16, "sliding_window": 20, "upsample_groups": 16},
}
SNAC_OPTIONS: dict[str, Any] = {
    **{"sampling_rate": 24000, "encoder_dim": 4, "encoder_rates": [2, 4, 5], "decoder_dim": 32},
    **{"decoder_rates": [5, 4, 2], "attn_window_size": None, "codebook_size": 16, "codebook_dim": 4},
    **{"vq_strides": [4, 2, 1]},
}


def seeded(make: Callable[[], Any]) -> Any:
    """A model whose weights are the same in every run; the libraries draw them from torch's global state."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make()


def randomized(module: Any) -> Any:
    generator = Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
        module.eval()
        if isinstance(module, EncodecModel):
            spread_codes(module, 0.3 * torch.randn(4, module.config.audio_channels, 9600, generator=generator))
        if isinstance(module, SNAC):
            spread_snac_codes(module, 0.3 * torch.randn(4, 1, 7680, generator=generator))
        if isinstance(module, MimiModel):
            spread_split_codes(module, 0.3 * torch.randn(4, 1, 7680, generator=generator))
    return module


def spread_snac_codes(model: Any, audio: Tensor) -> None:
    """The same for codes of several rates, which are searched in a few channels."""
    left = model.encoder(model.preprocess(audio))
    for quantizer in model.quantizer.quantizers:
        searched = quantizer.in_proj(torch.nn.functional.avg_pool1d(left, quantizer.stride))
        frames = searched.transpose(1, 2).flatten(0, 1)
        chosen = frames[torch.linspace(0, len(frames) - 1, len(quantizer.codebook.weight)).long()]
        quantizer.codebook.weight.copy_(chosen)
        left = left - quantizer(left)[0]


def spread_split_codes(model: Any, audio: Tensor) -> None:
    """The same for two quantizers side by side; the class keeps a code as a sum and a count."""
    generator = Generator().manual_seed(2)
    latents = model.encoder(audio).latents
    for quantizer in (
        model.quantizer.semantic_residual_vector_quantizer,
        model.quantizer.acoustic_residual_vector_quantizer,
    ):
        left = quantizer.input_proj(latents).transpose(1, 2).flatten(0, 1)
        for layer in quantizer.layers:
            size = len(layer.codebook.embed_sum)
            layer.codebook.cluster_usage.copy_(torch.arange(1, size + 1))
            chosen = left[torch.linspace(0, len(left) - 1, size).long()]
            # What the stage before has taken out whole would be one code many times.
            chosen = chosen + 0.1 * left.std() * torch.randn(chosen.shape, generator=generator)
            layer.codebook.embed_sum.copy_(chosen * layer.codebook.cluster_usage[:, None])
            layer.codebook._embed = None
            left = left - layer.codebook.decode(layer.codebook.encode(left))


def spread_codes(model: Any, audio: Tensor) -> None:
    """Take codes from what there is to quantize, so that many of them are used."""
    residual = model.encoder(audio)
    for layer in model.quantizer.layers:
        frames = residual.transpose(1, 2).flatten(0, 1)
        size = len(layer.codebook.embed)
        layer.codebook.embed.copy_(frames[torch.linspace(0, len(frames) - 1, size).long()])
        residual = residual - layer.decode(layer.encode(residual))


class Made(NamedTuple):
    """What a model makes of audio, and of what it made of it."""

    codes: Tensor
    """Tokens `(B, K, L)`, or the mean of latents."""
    audio: Tensor


def of_oobleck(model: Any, audio: Tensor) -> Made:
    mean = model.encode(audio).latent_dist.mode()
    return Made(mean, model.decode(mean).sample)


def of_same(model: Any, audio: Tensor) -> Made:
    latents = model.encode(audio).latents
    return Made(latents, model.decode(latents).sample)


def of_dac(model: Any, audio: Tensor) -> Made:
    codes = model.encode(audio).audio_codes
    return Made(codes, model.decode(audio_codes=codes).audio_values[:, None])


def of_encodec(model: Any, audio: Tensor) -> Made:
    encoded = model.encode(audio, bandwidth=model.config.target_bandwidths[-1])
    return Made(encoded.audio_codes[0], model.decode(encoded.audio_codes, encoded.audio_scales)[0])


def of_encodec_in_pieces(model: Any, audio: Tensor) -> Made:
    """The pieces that audio fills, `(B, K * F, N)`, and the audio before the first that it does not."""
    whole = whole_pieces(audio, model.config.chunk_length, model.config.chunk_stride)
    encoded = model.encode(audio, bandwidth=model.config.target_bandwidths[-1])
    made = model.decode(encoded.audio_codes, encoded.audio_scales)[0]
    codes = encoded.audio_codes.flatten(2).permute(1, 2, 0)
    return Made(codes[..., :whole], made[..., : whole * model.config.chunk_stride])


def of_pieces(model: Any, audio: Tensor) -> Made:
    hop = model.downsampling_ratio
    whole = whole_pieces(audio, model.encoder.length, hop)
    padded = torch.nn.functional.pad(audio, (0, -audio.shape[-1] % hop))
    tokens = model.encode(padded, return_info=True)[1]["quantizer_indices"]
    return Made(tokens[:, model.bottleneck.digits :, :whole], model.decode_tokens(tokens)[..., : whole * hop])


def of_mimi(model: Any, audio: Tensor) -> Made:
    codes = model.encode(audio).audio_codes
    return Made(codes, model.decode(codes).audio_values)


def of_snac(model: Any, audio: Tensor) -> Made:
    """Codes of several rates `(B, K, L)`: those of a latent frame of ours one stage after the other."""
    codes = model.encode(audio)
    fold = lcm(model.vq_strides[0], model.attn_window_size or 1)
    counts = [fold // stride for stride in model.vq_strides]
    joined = [code.unflatten(1, (-1, count)).transpose(1, 2) for code, count in zip(codes, counts, strict=True)]
    return Made(torch.cat(joined, dim=1), model.decode(codes))


def save_snac(model: Any, folder: Path) -> None:
    """What is in a folder that the package reads; it has no function that writes one."""
    folder.mkdir()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    names = ("sampling_rate", "encoder_dim", "encoder_rates", "decoder_dim", "decoder_rates", "attn_window_size")
    names += ("codebook_size", "codebook_dim", "vq_strides")
    noisy = any("NoiseBlock" in type(module).__name__ for module in model.decoder.modules())
    depthwise = model.encoder.block[-1].groups > 1
    options = {**{name: getattr(model, name) for name in names}, "noise": noisy, "depthwise": depthwise}
    (folder / "config.json").write_text(json.dumps(options))


def of_longcat(model: Any, audio: Tensor) -> Made:
    """Its latents are divided by `scale`."""
    latents = model.encode(audio, sample_posterior=False).latents
    return Made(latents * model.config.scale, model.decode(latents).sample)


def whole_pieces(audio: Tensor, length: int, hop: int) -> int:
    return (audio.shape[-1] - length) // hop + 1


def of_ours(model: Any, audio: Tensor) -> Made:
    if getattr(model.config.model, "pieces", None) is not None:
        return of_pieces(model, audio)
    if model.config.model.bottleneck.type == "softnorm":
        latents = model.encode(audio)
        return Made(latents, model.decode(latents))
    if not model.is_discrete:
        mean = model.encode(audio, skip_bottleneck=True).chunk(2, dim=1)[0]
        return Made(mean, model.decode(mean))
    tokens = model.encode(audio, return_info=True)[1][model.bottleneck.tokens_id]
    made = model.decode_tokens(tokens)
    return Made(tokens.transpose(1, 2) if model.bottleneck.frames_first else tokens, made)


class Case(NamedTuple):
    """A class of another library."""

    make: Callable[[], Any]
    made: Callable[[Any, Tensor], Made]
    library: str
    channels: int = 1


def oobleck(options: dict[str, Any]) -> Case:
    return Case(lambda: AutoencoderOobleck(**options), of_oobleck, "diffusers", options["audio_channels"])


def longcat(**options: Any) -> Case:
    return Case(lambda: LongCatAudioDiTVae(**{**LONGCAT, **options}), of_longcat, "diffusers")


def same(**options: Any) -> Case:
    return Case(lambda: AutoencoderSAME(**{**SAME, **options}), of_same, "diffusers", 2)


def dac(**options: Any) -> Case:
    return Case(lambda: DacModel(DacConfig(**{**DAC, **options})), of_dac, "transformers")


def encodec(**options: Any) -> Case:
    options = {**ENCODEC, **options}
    make = lambda: EncodecModel(EncodecConfig(**options))  # noqa: E731
    return Case(make, of_encodec, "transformers", options.get("audio_channels", 1))


def in_pieces(**options: Any) -> Case:
    options = {**ENCODEC, "audio_channels": 2, "sampling_rate": 48000, **options}
    options |= {"use_causal_conv": False, "norm_type": "time_group_norm"}
    return Case(lambda: EncodecModel(EncodecConfig(**options)), of_encodec_in_pieces, "transformers", 2)


def mimi(**options: Any) -> Case:
    return Case(lambda: MimiModel(MimiConfig(**{**MIMI, **options})), of_mimi, "transformers")


def snac(**options: Any) -> Case:
    options = {**SNAC_OPTIONS, **options}
    return Case(lambda: silenced(SNAC(**options)), of_snac, "snac")


def silenced(model: Any) -> Any:
    """With noise blocks that add nothing: the package draws noise in evaluation too."""
    for module in model.modules():
        if type(module).__name__ == "NoiseBlock":
            module.forward = lambda x: x
    return model


CASES = {
    "oobleck": oobleck(OOBLECK),
    "oobleck of ACE-Step 1.5": oobleck(ACE_STEP),
    "longcat": longcat(),
    "longcat of even strides": longcat(strides=[2], c_mults=[1, 2, 2, 4], final_tanh=True, scale=0.5, use_snake=False),
    "same": same(),
    "same with sines, without differences": same(
        encoder_sinusoidal_blocks=[2],
        decoder_sinusoidal_blocks=[0, 2],
        use_differential_attention=False,
        sliding_window=2,
    ),
    "mimi": mimi(),
    "mimi of three stages": mimi(upsampling_ratios=[5, 2, 4], num_residual_layers=2, num_semantic_quantizers=2),
    "dac": dac(),
    "dac of odd strides": dac(downsampling_ratios=[2, 4, 5, 8], sampling_rate=16000),
    "dac of two stages": dac(downsampling_ratios=[2, 4]),
    "encodec": encodec(),
    "encodec of two stages": encodec(upsampling_ratios=[4, 2], target_bandwidths=[24.0, 96.0]),
    "encodec of five stages": encodec(upsampling_ratios=[4, 4, 5, 2, 2], num_residual_layers=2),
    "encodec not causal": encodec(use_causal_conv=False, norm_type="time_group_norm", audio_channels=2),
    "pieces of encodec at 48 kHz": in_pieces(chunk_length_s=0.02, overlap=0.01, normalize=True),
    "pieces of encodec as loud as they are": in_pieces(chunk_length_s=0.04, overlap=0.3),
    "encodec without shortcuts": encodec(use_conv_shortcut=False, num_lstm_layers=1, trim_right_ratio=0.5),
}
SNACS = {
    "snac": snac(),
    "snac of odd strides and attention": snac(
        **{"encoder_dim": 16, "encoder_rates": [3, 5], "decoder_dim": 64, "decoder_rates": [5, 3]},
        **{"attn_window_size": 8, "vq_strides": [8, 4, 2, 1]},
    ),
    "snac of plain convolutions": snac(depthwise=False, noise=False, vq_strides=[2, 1]),
}
CASES |= SNACS
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}


@pytest.mark.parametrize("name", CASES)
def test_a_folder_goes_both_ways(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    theirs = randomized(seeded(case.make))
    save = save_snac if case.library == "snac" else type(theirs).save_pretrained
    save(theirs, tmp_path / "theirs")
    audio = 0.3 * torch.randn(2, case.channels, 7680, generator=Generator().manual_seed(1))
    with torch.no_grad():
        ours = load_model(tmp_path / "theirs")
        want, got = case.made(theirs, audio), of_ours(ours, audio)
        _same(got, want)
        assert (
            run(["export", str(tmp_path / "theirs"), "--format", case.library, "-o", str(tmp_path / "back")]).code == 0
        )
        back = silenced(type(theirs).from_pretrained(str(tmp_path / "back")).eval())
        _same(case.made(back, audio), got)
    before, after = theirs.state_dict(), back.state_dict()
    assert before.keys() == after.keys()
    for key, tensor in before.items():
        torch.testing.assert_close(after[key], tensor, atol=1e-6, rtol=1e-5, msg=lambda text, key=key: f"{key}: {text}")


def _same(got: Made, want: Made) -> None:
    if want.codes.is_floating_point():
        torch.testing.assert_close(got.codes, want.codes, **TOLERANCE)
    else:
        assert torch.equal(got.codes, want.codes)
        assert len(want.codes.unique()) > 4
    torch.testing.assert_close(got.audio, want.audio, **TOLERANCE)


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(("same", "pieces", "mimi"))])
def test_the_weights_alone_are_a_layout(name: str, tmp_path: Path) -> None:
    theirs = randomized(seeded(CASES[name].make))
    save = save_snac if CASES[name].library == "snac" else type(theirs).save_pretrained
    save(theirs, tmp_path / "theirs")
    ours = load_model(tmp_path / "theirs")
    torch.save(theirs.state_dict(), tmp_path / "weights.pt")
    again = create_model_from_config(ours.config)
    load_checkpoint(again, tmp_path / "weights.pt")
    for key, tensor in ours.state_dict().items():
        torch.testing.assert_close(again.state_dict()[key], tensor, atol=1e-6, rtol=1e-6)


def test_a_model_that_a_library_has_no_class_for_says_why(tmp_path: Path) -> None:
    randomized(AutoencoderOobleck(**OOBLECK)).save_pretrained(tmp_path / "theirs")
    model = load_model(tmp_path / "theirs")
    with pytest.raises(InterchangeError, match="no DacModel: encoder is 'oobleck'"):
        export_folder(model, tmp_path / "out", "transformers")
    assert run(["convert", str(tmp_path / "theirs"), "-o", str(tmp_path / "ours")]).code == 0
    document = json.loads((tmp_path / "ours" / "model_config.json").read_text())
    document["model"]["decoder"]["config"]["final_tanh"] = True
    (tmp_path / "tanh.json").write_text(json.dumps(document))
    command = ["convert", str(tmp_path / "ours"), "--config", str(tmp_path / "tanh.json"), "-o", str(tmp_path / "tanh")]
    assert run(command).code == 0
    outcome = run(["export", str(tmp_path / "tanh"), "--format", "diffusers", "-o", str(tmp_path / "out")])
    assert outcome.code == 1
    assert "/model/decoder/config/final_tanh must be False, not True" in outcome.error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "bottleneck"), [("dac", "dac_rvq"), ("snac", "snac_rvq")])
def test_what_only_training_needs_stays_behind(name: str, bottleneck: str, tmp_path: Path) -> None:
    case = CASES[name]
    theirs = randomized(seeded(case.make))
    save = save_snac if case.library == "snac" else type(theirs).save_pretrained
    save(theirs, tmp_path / "theirs")
    document = load_model(tmp_path / "theirs").config.model_dump(mode="json", exclude_unset=True)
    assert document["model"]["bottleneck"]["type"] == bottleneck
    document["model"]["bottleneck"]["config"] |= {"revive_below": 0.1, "average_decay": 0.9}
    model = create_model_from_config(document)
    load_checkpoint(model, tmp_path / "theirs")
    assert any(".averages." in key for key in model.state_dict())
    export_folder(model.eval(), tmp_path / "back", case.library)
    back = type(theirs).from_pretrained(str(tmp_path / "back"))
    assert back.state_dict().keys() == theirs.state_dict().keys()
    document["model"]["bottleneck"]["config"] = {
        key: value
        for key, value in document["model"]["bottleneck"]["config"].items()
        if key not in ("revive_below", "average_decay")
    } | {"linear_codebook": True}
    with pytest.raises(InterchangeError, match="/model/bottleneck/config/linear_codebook"):
        export_folder(create_model_from_config(document), tmp_path / "linear", case.library)


def test_a_users_files_stay_beside_an_export(tmp_path: Path) -> None:
    randomized(AutoencoderOobleck(**OOBLECK)).save_pretrained(tmp_path / "theirs")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "README.md").write_text("mine")
    command = ["export", str(tmp_path / "theirs"), "--format", "diffusers", "-o", str(tmp_path / "out")]
    assert run(command).code == 1
    outcome = run([*command, "--overwrite", "--json"])
    assert json.loads(outcome.out)["class"] == "AutoencoderOobleck"
    assert (tmp_path / "out" / "README.md").read_text() == "mine"
