"""The decoder of Vocos (Siuzdak 2023, arXiv 2306.00814) and of WavTokenizer (Ji et al. 2024, arXiv 2408.16532)."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.configs import VocosDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.vocos import (
    AttentionBlock,
    ConvNextBlock,
    FourierHead,
    ResidualBlock,
    group_norm,
    layer_norm,
)
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import Chain, ReceptiveField, chain


class VocosBackbone(nn.Module):
    """ConvNeXt blocks at the rate of the latents.

    Args:
        latent_dim: channels of the input.
        dim: width.
        intermediate_dim: width inside a block.
        num_layers: blocks.
        attention: put residual blocks and an attention over the whole clip in front.
        conditions: scales and shifts to choose from; None for one.
        condition: the one that is used.

    Shape:
        `(B, latent_dim, L)` → `(B, L, dim)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        latent_dim: int,
        dim: int,
        intermediate_dim: int,
        num_layers: int,
        attention: bool = False,
        conditions: int | None = None,
        condition: int = 0,
    ) -> None:
        super().__init__()
        self.embed = nn.Conv1d(latent_dim, dim, 7, padding=3)
        self.pos_net = _context(dim) if attention else nn.Sequential()
        self.norm = layer_norm(dim, conditions, condition)
        self.convnext = nn.ModuleList(
            ConvNextBlock(dim, intermediate_dim, 1 / num_layers, conditions, condition) for _ in range(num_layers)
        )
        self.final_layer_norm = nn.LayerNorm(dim, eps=1e-6)
        _draw(self)

    def forward(self, x: Tensor) -> Tensor:
        """Frames of the spectrum to come."""
        x = self.norm(self.pos_net(self.embed(x)).transpose(1, 2)).transpose(1, 2)
        for block in self.convnext:
            x = block(x)
        out: Tensor = self.final_layer_norm(x.transpose(1, 2))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.embed, self.pos_net, *self.convnext)


class VocosDecoder(nn.Module):
    """ConvNeXt blocks, and a spectrum that an inverse STFT turns into audio.

    Args:
        out_channels: channels of the output.
        latent_dim: channels of the input.
        dim: width of the blocks; with `attention` a multiple of 32.
        intermediate_dim: width inside a block.
        num_layers: blocks.
        attention: put four residual blocks and an attention over the whole clip in front, as WavTokenizer does.
        adanorm_num_embeddings: scales and shifts of normalisation to choose from; None for one.
        condition: which of these is used.
        n_fft: length of the inverse STFT, as long as `hop_length` or an even number more.
        hop_length: samples a latent frame.

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * hop_length)`
    """

    structure = Chain("backbone", "head")

    # `backbone` and `head` are part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 1,
        latent_dim: int = 100,
        dim: int = 512,
        intermediate_dim: int = 1536,
        num_layers: int = 8,
        attention: bool = False,
        adanorm_num_embeddings: int | None = None,
        condition: int = 0,
        n_fft: int = 1024,
        hop_length: int = 256,
    ) -> None:
        super().__init__()
        self.backbone = VocosBackbone(
            latent_dim, dim, intermediate_dim, num_layers, attention, adanorm_num_embeddings, condition
        )
        self.head = FourierHead(dim, n_fft, hop_length, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.head(self.backbone(x))
        return out


def _context(dim: int) -> nn.Sequential:
    """What WavTokenizer puts in front of the blocks."""
    blocks = [ResidualBlock(dim), ResidualBlock(dim), AttentionBlock(dim), ResidualBlock(dim), ResidualBlock(dim)]
    return nn.Sequential(*blocks, group_norm(dim))


def _draw(backbone: VocosBackbone) -> None:
    """Weights at the start: narrow and without offset, but for the part that WavTokenizer adds."""
    for part in (backbone.embed, *backbone.convnext):
        for module in part.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


@build_decoder.register
def _(config: VocosDecoderConfig) -> VocosDecoder:
    return VocosDecoder(**options(config))
