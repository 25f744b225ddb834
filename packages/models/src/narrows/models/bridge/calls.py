"""The calls of the libraries' classes, which differ in the names and layouts of what they return, brought to one.

Letters: B batch, C audio channels, T samples, K codebooks, D latent channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from narrows.audio.sinc import sinc_resample
from narrows.models.bridge import features
from narrows.models.bridge.reading import BridgeError

RATES = ("sampling_rate", "sample_rate", "output_sampling_rate")
CHANNELS = ("audio_channels", "num_channels", "dec_out_channels", "in_channels", "channels")
HOPS = ("hop_length", "frame_size", "hop_size")
STRIDES = ("downsampling_ratios", "upsampling_ratios", "encoder_rates", "encoder_strides", "dec_strides", "strides")
QUIET = ("sample", "sample_posterior")
"""Options of `encode` that add noise to latents."""
PROBE = 29
"""Frames of silence that a class is tried on: a number that no width of latents has."""


def sample_rate_of(network: Any, preprocessor: Mapping[str, Any]) -> int:
    """Sample rate in Hz, as the configuration of a network says it, or that of its preprocessor."""
    found = _said(network, RATES) or preprocessor.get("sampling_rate")
    if found is None:
        raise BridgeError(f"The configuration of {type(network).__name__} does not say its sample rate")
    return int(found)


def channels_of(network: Any) -> int:
    """Audio channels; 1 where the configuration does not say."""
    return int(_said(network, CHANNELS) or 1)


def hop_of(network: Any, sample_rate: int) -> int:
    """Samples a latent frame, as the configuration says it."""
    hop, rate = _said(network, HOPS), _said(network, ("frame_rate",))
    if hop:
        return int(hop)
    if rate:  # where a class says both, its rate may be rounded
        return round(sample_rate / float(rate))
    strides = _said(network, STRIDES)
    if strides is None:
        raise BridgeError(f"The configuration of {type(network).__name__} does not say how many samples a frame has")
    return int(prod(strides)) * int(_said(network, ("patch_size",)) or 1)


def codebook_size_of(network: Any) -> int:
    """Values that a token can take."""
    size, levels = _said(network, ("codebook_size",)), _said(network, ("quantization_levels",))
    if size is None and levels is None:
        raise BridgeError(f"The configuration of {type(network).__name__} does not say the size of its codebooks")
    return int(size if size is not None else prod(levels))


class Calls:
    """Encoding and decoding with one network.

    Args:
        network: of transformers or diffusers; not a submodule here.
        preprocessor: settings beside the network, which may say its sample rate.
    """

    def __init__(self, network: nn.Module, preprocessor: Mapping[str, Any]) -> None:
        if bands := _said(network, ("mel_bins",)):
            raise BridgeError(
                f"{type(network).__name__} works on spectrograms of {bands} bands, of which another model, a vocoder, "
                "makes sound: it is no codec by itself"
            )
        self.network = network
        self.sample_rate = sample_rate_of(network, preprocessor)
        self.input_rate = int(_said(network, ("input_sampling_rate",)) or self.sample_rate)
        self.channels, self.hop = channels_of(network), hop_of(network, self.sample_rate)
        self.dim = 0  # the probe finds it
        self.discrete = self.transposed = False
        self._dims = 3
        self._probe()

    def encode(self, audio: Tensor) -> Tensor:
        """`(B, C, T)` → codes `(B, K, L)` as integers, or the mean of the latents `(B, D, L)`."""
        out = self._encoded(audio)
        return out.transpose(1, 2) if self.transposed else out

    def decode(self, encoded: Tensor) -> Tensor:
        """Codes or latents → `(B, C, L * hop)`; what the class gives short or long of that is padded or cut."""
        audio = self._sound(encoded)
        return nn.functional.pad(audio, (0, encoded.shape[-1] * self.hop - audio.shape[-1]))

    def _sound(self, encoded: Tensor) -> Tensor:
        """What the class gives for codes or latents, as three dimensions."""
        network: Any = self.network
        if self.discrete:
            codes = encoded if self._dims != 4 else encoded[None]
            codes = codes[:, 0] if self._dims == 2 else codes
            scales = {"audio_scales": [None]} if "audio_scales" in signature(network.decode).parameters else {}
            out = network.decode(audio_codes=codes, **scales)
        else:
            out = network.decode(encoded.transpose(1, 2) if self.transposed else encoded)
        audio = out if isinstance(out, Tensor) else _field(out, ("audio_values", "sample", "audio"))
        return audio[:, None] if audio.dim() == 2 else audio

    def _encoded(self, audio: Tensor) -> Tensor:
        """What the class gives, as three dimensions, in its own order."""
        if _said(self.network, ("normalize_volume",)) and len(audio) > 1:
            # It takes the peak of the whole batch.
            return torch.cat([self._encoded(clip[None]) for clip in audio])
        network: Any = self.network
        known = signature(network.encode).parameters
        # No noise is added, and all codebooks are used, where a class offers a choice.
        options: dict[str, Any] = {name: False for name in QUIET if name in known and known[name].default is True}
        if "bandwidth" in known and (bandwidths := _said(network, ("target_bandwidths",))):
            options["bandwidth"] = max(bandwidths)
        audio = sinc_resample(audio, self.sample_rate, self.input_rate)
        if "input_features" in known:
            audio, further = features.inputs(network, audio, self.hop * self.input_rate // self.sample_rate)
            options.update(further)
        out = network.encode(audio, **options)
        distribution = getattr(out, "latent_dist", None)
        if distribution is not None:
            return distribution.mode()  # type: ignore[no-any-return]
        codes = getattr(out, "audio_codes", None)
        self.discrete = codes is not None
        found = codes if codes is not None else _field(out, ("latents", "latent"))
        self._dims = found.dim()
        if self._dims == 4:
            _one_chunk(out, found, type(network).__name__)
            return found[0]
        return found[:, None] if self._dims == 2 else found

    def _probe(self) -> None:
        """Find out what the class gives, on silence.

        Raises:
            BridgeError: it does not take audio, or its frames are not what its configuration says.
        """
        name = type(self.network).__name__
        silence = torch.zeros(1, self.channels, PROBE * self.hop)
        try:
            with torch.no_grad():
                out = self._encoded(silence)
        except (RuntimeError, TypeError, ValueError, AttributeError, IndexError) as error:
            if isinstance(error, BridgeError):
                raise
            raise BridgeError(f"{name} does not encode audio of the shape {tuple(silence.shape)}: {error}") from error
        if out.dim() != 3 or PROBE not in out.shape[1:]:
            raise BridgeError(
                f"{name} gives {tuple(out.shape)} for {PROBE} frames of {self.hop} samples: its frames are not known"
            )
        self.transposed = out.shape[-1] != PROBE
        self.dim = out.shape[1] if not self.transposed else out.shape[2]
        with torch.no_grad():
            sound = self._sound(out.transpose(1, 2) if self.transposed else out)
        if sound.dim() != 3 or sound.shape[1] != self.channels:
            raise BridgeError(
                f"{name} decodes to {tuple(sound.shape)}, where sound of {self.channels} channels was expected"
            )


def _one_chunk(out: Any, codes: Tensor, name: str) -> None:
    scales = getattr(out, "audio_scales", None) or []
    if codes.shape[0] != 1 or any(scale is not None for scale in scales):
        raise BridgeError(f"This {name} normalises or overlaps pieces: load its folder as a model instead")


def _said(network: Any, names: tuple[str, ...]) -> Any:
    """The first of these options that the configuration has."""
    config = network.config
    for name in names:
        value = config.get(name) if hasattr(config, "get") else getattr(config, name, None)
        if value is not None:
            return value
    return None


def _field(out: Any, names: tuple[str, ...]) -> Tensor:
    for name in names:
        if isinstance(found := getattr(out, name, None), Tensor):
            return found
    raise BridgeError(f"{type(out).__name__} has none of {', '.join(names)}")
