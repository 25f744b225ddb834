"""Checkpoints of WavTokenizer are read with their codes and their audio, and written again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support import wavtokenizer
from torch import Generator, Tensor

from narrows.models import create_decoder_from_config, load_checkpoint, load_model
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.interchange import export_folder
from narrows.models.interchange.base import InterchangeError

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def audio() -> Tensor:
    return 0.3 * torch.randn(2, 1, 4000, generator=Generator().manual_seed(1))


@pytest.fixture
def theirs(audio: Tensor, monkeypatch: pytest.MonkeyPatch) -> wavtokenizer.WavTokenizer:
    wavtokenizer.packages(monkeypatch)
    return wavtokenizer.made(audio)


@torch.no_grad()
def test_a_folder_goes_both_ways(theirs: wavtokenizer.WavTokenizer, audio: Tensor, tmp_path: Path) -> None:
    ours = load_model(wavtokenizer.write(theirs, tmp_path / "theirs"))
    codes, sound = theirs.run(audio)
    latents, info = ours.encode(audio, return_info=True)
    tokens = ours.bottleneck.tokens(info)
    assert torch.equal(tokens[:, 0], codes)
    assert len(codes.unique()) > 30
    torch.testing.assert_close(ours.decode(latents)[:, 0], sound, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(ours.decode_tokens(info[ours.bottleneck.tokens_id])[:, 0], sound, atol=1e-6, rtol=1e-5)
    export_folder(ours, tmp_path / "back", "wavtokenizer")
    (checkpoint,) = (tmp_path / "back").glob("*.ckpt")
    again = wavtokenizer.WavTokenizer().eval()
    again.load_state_dict(torch.load(checkpoint, weights_only=True)["state_dict"], strict=True)
    codes_again, sound_again = again.run(audio)
    assert torch.equal(codes_again, codes)
    assert torch.equal(sound_again, sound)
    assert torch.equal(load_model(tmp_path / "back").decode(latents), ours.decode(latents))


@torch.no_grad()
def test_the_decoder_of_vocos_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wavtokenizer.packages(monkeypatch)
    from vocos.heads import ISTFTHead
    from vocos.models import VocosBackbone

    with torch.random.fork_rng():
        torch.manual_seed(0)
        backbone, head = VocosBackbone(10, 32, 48, 2).eval(), ISTFTHead(32, 64, 16, "same")
    state = {f"backbone.{n}": t + 0.02 for n, t in backbone.state_dict().items()}
    state |= {f"head.{n}": t for n, t in head.state_dict().items() if n != "istft.window"}
    torch.save(state, tmp_path / "decoder.pt")
    backbone.load_state_dict({n.removeprefix("backbone."): t for n, t in state.items() if n.startswith("backbone.")})
    options = {"latent_dim": 10, "dim": 32, "intermediate_dim": 48, "num_layers": 2, "n_fft": 64, "hop_length": 16}
    ours = create_decoder_from_config({"type": "vocos", "config": options}).eval()
    load_checkpoint(ours, tmp_path / "decoder.pt")
    latents = torch.randn(2, 10, 30, generator=Generator().manual_seed(2))
    torch.testing.assert_close(ours(latents)[:, 0], head(backbone(latents)), atol=1e-6, rtol=1e-5)


def test_what_is_missing_or_another_is_named(theirs: wavtokenizer.WavTokenizer, audio: Tensor, tmp_path: Path) -> None:
    folder = wavtokenizer.write(theirs, tmp_path / "theirs")
    (config,), (checkpoint,) = folder.glob("*.yaml"), folder.glob("*.ckpt")
    text = config.read_text()
    config.write_text(text.replace("num_quantizers: 1", "num_quantizers: 4"))
    with pytest.raises(CheckpointError, match="num_quantizers is 4"):
        load_model(folder)
    config.write_text(text.replace("decoder.models.VocosBackbone", "os.system"))
    with pytest.raises(CheckpointError, match="is no model"):
        load_model(folder)
    config.write_text(text)
    checkpoint.rename(folder / "notes.txt")
    with pytest.raises(CheckpointError, match="0 checkpoints"):
        load_model(folder)


def test_a_model_of_other_parts_is_refused(tmp_path: Path) -> None:
    from support.small_autoencoder import autoencoder

    from narrows.models import create_model_from_config

    with pytest.raises(InterchangeError, match="no WavTokenizer"):
        export_folder(create_model_from_config(autoencoder(1)), tmp_path / "out", "wavtokenizer")
