"""WavTokenizer of the packages that its own source copies: encodec's encoder and codebook, vocos' decoder.

Its four residual blocks and its attention are in no package; they are written here from its formulas.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
import yaml
from torch import Generator, Tensor, nn
from torch.nn import functional as F

DOWN = [5, 4, 2]


def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let encodec and vocos be imported without torchaudio, which neither uses for what is run here."""
    for name in ("torchaudio", "torchaudio.functional", "torchaudio.functional.functional"):
        monkeypatch.setitem(sys.modules, name, MagicMock())


class Residual(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.GroupNorm(32, dim, eps=1e-6) for _ in range(2))
        self.conv1, self.conv2 = (nn.Conv1d(dim, dim, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(self.norm1(x) * torch.sigmoid(self.norm1(x)))
        return x + self.conv2(self.norm2(inner) * torch.sigmoid(self.norm2(inner)))


class Attention(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, dim, eps=1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv1d(dim, dim, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm(x)
        scores = torch.einsum("bcl,bcm->blm", self.q(inner), self.k(inner)) / x.shape[1] ** 0.5
        return x + self.proj_out(torch.einsum("bcm,blm->bcl", self.v(inner), F.softmax(scores, dim=-1)))


class WavTokenizer(nn.Module):
    """Names as in its checkpoints."""

    def __init__(self, dim: int = 64) -> None:
        from encodec.modules import SEANetDecoder, SEANetEncoder
        from encodec.quantization import ResidualVectorQuantizer
        from vocos.heads import ISTFTHead
        from vocos.models import VocosBackbone

        super().__init__()
        inner = nn.Module()
        inner.encoder = SEANetEncoder(causal=False, dimension=512, channels=1, n_filters=32, ratios=DOWN, lstm=2)
        inner.decoder = SEANetDecoder(causal=False, dimension=512, channels=1, n_filters=32, lstm=2)
        inner.quantizer = ResidualVectorQuantizer(dimension=512, n_q=1, bins=64)
        self.feature_extractor = nn.Module()
        self.feature_extractor.encodec = inner
        self.backbone = VocosBackbone(512, dim, 96, 3, adanorm_num_embeddings=4)
        blocks = [Residual(dim), Residual(dim), Attention(dim), Residual(dim), Residual(dim)]
        self.backbone.pos_net = nn.Sequential(*blocks, nn.GroupNorm(32, dim, eps=1e-6))
        self.head = ISTFTHead(dim, 160, 40, "same")

    def run(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """Codes `(B, L)` and audio of sounds `(B, 1, T)`."""
        inner, backbone = self.feature_extractor.encodec, self.backbone
        codes = inner.quantizer.vq.encode(inner.encoder(audio))
        x = backbone.pos_net(backbone.embed(inner.quantizer.vq.decode(codes))).transpose(1, 2)
        condition = torch.tensor([0])
        x = backbone.norm(x, condition).transpose(1, 2)
        for block in backbone.convnext:
            x = block(x, cond_embedding_id=condition)
        return codes[0], self.head(backbone.final_layer_norm(x.transpose(1, 2)))


def made(audio: Tensor) -> WavTokenizer:
    """A model of random weights whose codes are frames of a sound."""
    generator = Generator().manual_seed(0)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = WavTokenizer().eval()
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
        inner = model.feature_extractor.encodec
        codebook = inner.quantizer.vq.layers[0]._codebook
        codebook.embed.copy_(inner.encoder(audio).transpose(1, 2).reshape(-1, 512)[:64])
        codebook.embed_avg.copy_(codebook.embed)
        codebook.inited.fill_(1)
    return model


def write(model: WavTokenizer, folder: Path) -> Path:
    """A folder as its training leaves it: the YAML file and a Lightning checkpoint."""
    folder.mkdir()
    beside = {"multiperioddisc.discriminators.0.x": torch.zeros(1), "melspec_loss.mel.window": torch.zeros(2)}
    content: dict[str, Any] = {"state_dict": {**model.state_dict(), **beside}, "epoch": 3, "global_step": 100}
    torch.save(content, folder / "wavtokenizer_checkpoint_epoch=3.ckpt")
    features = {"bandwidths": [6.6] * 4, "num_quantizers": 1, "dowmsamples": DOWN, "vq_bins": 64, "vq_kmeans": 200}
    backbone = {"input_channels": 512, "dim": 64, "intermediate_dim": 96, "num_layers": 3, "adanorm_num_embeddings": 4}
    sections = {
        "feature_extractor": ("decoder.feature_extractors.EncodecFeatures", features),
        "backbone": ("decoder.models.VocosBackbone", backbone),
        "head": ("decoder.heads.ISTFTHead", {"dim": 64, "n_fft": 160, "hop_length": 40, "padding": "same"}),
    }
    parts = {name: {"class_path": kind, "init_args": options} for name, (kind, options) in sections.items()}
    document = {"seed_everything": 3407, "model": {"init_args": {"sample_rate": 24000, **parts}}}
    (folder / "wavtokenizer_smalldata.yaml").write_text(yaml.safe_dump(document))
    return folder
