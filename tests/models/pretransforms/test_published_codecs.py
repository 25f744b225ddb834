"""Published codecs from local files, in the layouts of their programs; small codecs stand for the real ones."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor

from narrows.models import create_pretransform_from_config
from narrows.models.checkpoints import CheckpointError
from narrows.models.checkpoints.names import to_file
from narrows.models.pretransforms import audiocraft_pretrained, dac_pretrained
from narrows.models.pretransforms.published import weights_file

DAC = {
    "encoder_dim": 4,
    "decoder_dim": 16,
    "encoder_rates": [2, 4],
    "decoder_rates": [4, 2],
    "n_codebooks": 2,
    "codebook_size": 8,
    "codebook_dim": 3,
    "latent_dim": None,
    "sample_rate": 8000,
}
SEANET = {
    "dimension": 8,
    "n_filters": 4,
    "n_residual_layers": 1,
    "ratios": [4, 3, 2, 2],
    "activation": "ELU",
    "activation_params": {"alpha": 1.0},
    "norm": "weight_norm",
    "norm_params": {},
    "kernel_size": 7,
    "residual_kernel_size": 3,
    "last_kernel_size": 7,
    "dilation_base": 2,
    "causal": False,
    "pad_mode": "constant",
    "true_skip": True,
    "compress": 2,
    "lstm": 1,
}
AUDIO = torch.randn(1, 1, 96, generator=torch.Generator().manual_seed(0))


def renamed(model: Any, *renames: tuple[str, str]) -> dict[str, Tensor]:
    """A model's tensors under another program's names."""
    state = {}
    for name, tensor in to_file(model.state_dict()).items():
        for pattern, new in renames:
            name = re.sub(pattern, new, name)
        state[name] = tensor.clone()
    return state


def dac_file(folder: Path, **options: Any) -> tuple[Path, Any]:
    """A file of descript-audio-codec, and the codec in it."""
    torch.manual_seed(0)
    model = dac_pretrained.codec({**DAC, **options}).eval()
    state = renamed(
        model,
        (r"^encoder\.encoder\.", "encoder."),
        (r"^decoder\.decoder\.", "decoder."),
        (r"^bottleneck\.quantizer\.", "quantizer."),
    )
    torch.save({"state_dict": state, "metadata": {"kwargs": {**DAC, **options}}}, folder / "weights.pth")
    return folder / "weights.pth", model


def encodec_model() -> Any:
    torch.manual_seed(0)
    given = {"seanet": {**SEANET, "channels": 1}, "decoder": {}, "sample_rate": 8000}
    model = audiocraft_pretrained.codec(given, [(16, 8), (16, 8)]).eval()
    for name, buffer in model.bottleneck.named_buffers():
        if name.endswith("initted"):
            buffer.fill_(1.0)
        elif buffer.is_floating_point():
            buffer.normal_()
    return model


def without_axis(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Codebooks as EnCodec keeps them, without an axis of heads."""
    return {key: value[0] if "codebook." in key and value.dim() > 1 else value for key, value in state.items()}


def build(kind: str, sample_rate: int = 8000, **options: Any) -> Any:
    return create_pretransform_from_config({"type": kind, "config": options}, sample_rate)


@pytest.mark.parametrize("options", [{}, {"latent_dim": 6}])
def test_dac_comes_from_a_file_or_its_folder(options: dict[str, Any], tmp_path: Path) -> None:
    path, codec = dac_file(tmp_path, **options)
    for where in (path, tmp_path):
        late = build("dac_pretrained", path=str(where), scale=2.0)
        assert (late.downsampling_ratio, late.num_quantizers, late.codebook_size) == (8, 2, 8)
        latents = codec.encode(AUDIO, skip_bottleneck=True)
        torch.testing.assert_close(late.encode(AUDIO), latents / 2)
        quantized = codec.bottleneck.encode(latents)
        torch.testing.assert_close(late.decode(latents / 2), codec.decode(quantized), atol=1e-5, rtol=1e-4)
    early = build("dac_pretrained", path=str(path), quantize_on_decode=False)
    torch.testing.assert_close(early.encode(AUDIO), quantized)
    tokens = early.tokenize(AUDIO)
    assert tokens.shape == (1, 2, 12)
    torch.testing.assert_close(early.decode_tokens(tokens), codec.decode(quantized), atol=1e-5, rtol=1e-4)


def test_dac_says_what_is_wrong(tmp_path: Path) -> None:
    path, _ = dac_file(tmp_path)
    with pytest.raises(ValueError, match="works at 8000 Hz, but the model's sample_rate is 44100"):
        build("dac_pretrained", 44100, path=str(path))
    with pytest.raises(ValueError, match=r"Write their file or folder as config\.path"):
        build("dac_pretrained")
    content = torch.load(path, weights_only=True)
    content["state_dict"].popitem()
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="missing"):
        build("dac_pretrained", path=str(path))


def test_dac_downloads_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = dac_file(tmp_path)
    calls = []

    def download(*kind: str) -> Path:
        calls.append(kind)
        return path

    monkeypatch.setitem(sys.modules, "dac.utils", SimpleNamespace(download=download))
    monkeypatch.setitem(sys.modules, "dac", SimpleNamespace())
    build("dac_pretrained", download=True, model_type="16khz")
    assert calls == [("16khz", "8kbps")]
    monkeypatch.setitem(sys.modules, "dac.utils", None)
    with pytest.raises(ModuleNotFoundError, match="descript-audio-codec"):
        build("dac_pretrained", download=True)


def audiocraft_file(folder: Path, model: Any) -> None:
    state = without_axis(
        renamed(
            model,
            (r"^bottleneck\.quantizer\.layers\.(\d+)\._codebook\.initted", r"quantizer.vq.layers.\1._codebook.inited"),
            (r"^bottleneck\.quantizer\.layers\.", "quantizer.vq.layers."),
        )
    )
    config = {"sample_rate": 8000, "channels": 1, "seanet": {**SEANET, "encoder": {}, "decoder": {}}}
    torch.save({"best_state": state, "xp.cfg": yaml.safe_dump(config)}, folder / "compression_state_dict.bin")


def transformers_folder(folder: Path, model: Any) -> None:
    state = without_axis(
        renamed(
            model,
            (r"\.convtr\.convtr\.", ".conv."),
            (r"\.conv\.conv\.", ".conv."),
            (r"^(encoder|decoder)\.model\.", r"\1.layers."),
            (r"^bottleneck\.quantizer\.layers\.(\d+)\._codebook\.initted", r"quantizer.layers.\1.codebook.inited"),
            (r"^bottleneck\.quantizer\.layers\.(\d+)\._codebook\.", r"quantizer.layers.\1.codebook."),
        )
    )
    save_file(state, folder / "model.safetensors")
    config = {theirs: SEANET[ours] for theirs, ours in audiocraft_pretrained.TRANSFORMERS.items()}
    config |= {"audio_channels": 1, "sampling_rate": 8000, "use_conv_shortcut": False, "normalize": False}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("write", [audiocraft_file, transformers_folder])
def test_encodec_comes_from_its_programs_files(write: Any, tmp_path: Path) -> None:
    codec = encodec_model()
    write(tmp_path, codec)
    early = build("audiocraft_pretrained", path=str(tmp_path), quantize_on_decode=False)
    latents, info = codec.encode(AUDIO, return_info=True)
    torch.testing.assert_close(early.encode(AUDIO), latents)
    tokens = early.tokenize(AUDIO)
    assert tokens.shape == (1, 2, 2)
    assert torch.equal(tokens.transpose(1, 2), info[codec.bottleneck.tokens_id])
    torch.testing.assert_close(early.decode_tokens(tokens), codec.decode(latents), atol=1e-5, rtol=1e-4)
    late = build("audiocraft_pretrained", path=str(tmp_path))
    torch.testing.assert_close(late.encode(AUDIO), codec.encode(AUDIO, skip_bottleneck=True))


def test_encodec_downloads_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = encodec_model()
    transformers_folder(tmp_path, codec)
    from safetensors.torch import load_file

    content = json.loads((tmp_path / "config.json").read_text())
    theirs = SimpleNamespace(
        config=SimpleNamespace(to_dict=lambda: content),
        state_dict=lambda: load_file(tmp_path / "model.safetensors"),
    )
    calls = []

    def get_pretrained(name: str, device: str) -> Any:
        calls.append(name)
        return SimpleNamespace(model=theirs)

    module = SimpleNamespace(CompressionModel=SimpleNamespace(get_pretrained=get_pretrained))
    monkeypatch.setitem(sys.modules, "audiocraft", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "audiocraft.models", module)
    pretransform = build("audiocraft_pretrained", download=True)
    assert calls == ["facebook/encodec_32khz"]
    torch.testing.assert_close(pretransform.encode(AUDIO), codec.encode(AUDIO, skip_bottleneck=True))
    with pytest.raises(ValueError, match=r"Where are the weights of facebook/encodec_32khz"):
        build("audiocraft_pretrained")


def test_folders_with_several_checkpoints_are_refused(tmp_path: Path) -> None:
    for name in ("a.pth", "b.pth"):
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match=r"several checkpoints \(a\.pth, b\.pth\)"):
        weights_file(tmp_path, [".pth"])
    with pytest.raises(FileNotFoundError, match="no folder with one"):
        weights_file(tmp_path / "nowhere", [".pth"])
