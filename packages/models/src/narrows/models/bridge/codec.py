"""A network of another library between the parts of an `AudioAutoencoder`, so that all that takes a codec takes it.

Letters: B batch, C audio channels, T samples, K codebooks, D latent channels, L latent frames.
"""

from __future__ import annotations

from pathlib import Path
from typing import final

import torch
from torch import Generator, Tensor, nn

from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bridge.calls import Calls, codebook_size_of
from narrows.models.bridge.reading import read_network
from narrows.models.interchange.base import read_json
from narrows.models.receptive_field import ReceptiveField, obstacle

UNKNOWN = "its receptive field is not known here"


@final
class BridgedEncoder(nn.Module):
    """`(B, C, T)` → `(B, D, L)`: latents, or codes as whole numbers in float32.

    Args:
        calls: of the network, which is a submodule here and here only.
    """

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self.network = calls.network
        self.calls = calls

    def forward(self, audio: Tensor) -> Tensor:
        """See the class."""
        return self.calls.encode(audio).float()

    def receptive_field(self) -> ReceptiveField:
        """The whole clip."""
        return obstacle(self, UNKNOWN)


@final
class BridgedDecoder(nn.Module):
    """`(B, D, L)` → `(B, C, L * hop)`; it has no parameters of its own.

    Args:
        calls: of the network, which the encoder owns.
    """

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self.calls = calls

    def forward(self, latents: Tensor) -> Tensor:
        """See the class.

        Raises:
            TypeError: codes came in 16 bit, which holds no large whole numbers.
        """
        if not self.calls.discrete:
            return self.calls.decode(latents)
        if latents.dtype in (torch.float16, torch.bfloat16):
            raise TypeError("Codes do not fit 16 bit: use this codec in float32")
        return self.calls.decode(latents.round().long())

    def receptive_field(self) -> ReceptiveField:
        """The whole clip."""
        return obstacle(self, UNKNOWN)


@final
class BridgedCodes(DiscreteBottleneck):
    """The codes of a network that quantizes by itself: its latents are its codes, `(B, K, L)`."""

    info_keys = ("quantizer_indices",)

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """The codes themselves, as numbers and as tokens."""
        return x, {"quantizer_indices": x.round().long()}

    def _dequantize(self, tokens: Tensor) -> Tensor:
        return tokens.float()


def bridged_codec(folder: str | Path) -> AudioAutoencoder:
    """The codec of a folder that transformers or diffusers wrote, as its own class computes it.

    It is frozen, in float32 and in eval mode. Clips are encoded whole, as the receptive field is not known.

    Args:
        folder: of a class of transformers that encodes and decodes audio (`AutoModelForAudioTokenization`, EnCodec,
            Mimi, X-Codec), or of an autoencoder of diffusers that takes a waveform. Classes that take what nothing
            makes here, and those of spectrograms, are refused.

    Raises:
        BridgeError: there is no such folder, or its class cannot stand for a codec.
        MissingExtraError: the library is not installed.
    """
    network = read_network(Path(folder))
    calls = Calls(network, read_json(Path(folder) / "preprocessor_config.json"))
    codec = AudioAutoencoder(
        BridgedEncoder(calls),
        BridgedDecoder(calls),
        latent_dim=calls.dim,
        downsampling_ratio=calls.hop,
        sample_rate=calls.sample_rate,
        io_channels=calls.channels,
        bottleneck=BridgedCodes(calls.dim, codebook_size_of(network)) if calls.discrete else None,
    )
    codec.export_obstacle = f"it is a {type(network).__name__} of another library, which exports its own models"
    return codec.eval()
