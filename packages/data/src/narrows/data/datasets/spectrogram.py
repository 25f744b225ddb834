"""Crops of audio of a whole number of STFT frames, from any data set of audio; their spectrograms on request.

The audio loaders read, crop, shuffle and resume as ever: this type says how long a crop is and how many channels it
has. Training takes the audio and lets the model transform it on its device, which keeps the workers free and hands the
waveform to the losses; `deliver: spectrogram` is for other code, with what the data set of EulerAudioBackbone gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor

from narrows.audio.stft import complex_as_channels, stft
from narrows.audio.windows import get_window
from narrows.configs import SpectrogramDatasetConfig
from narrows.data.datasets import LoaderOptions, build_loader, create_loader
from narrows.data.drawing import Info
from narrows.data.errors import DataError


class SpectrogramLoader:
    """Batches of spectrograms: those of a loader of audio, transformed.

    Args:
        loader: gives audio `(B, C, T)`.
        transform: to a complex spectrogram.
        cac: give real and imaginary parts as real channels.
    """

    def __init__(self, loader: Any, transform: Callable[[Tensor], Tensor], cac: bool) -> None:
        self.audio = loader
        self._transform, self._cac = transform, cac

    @property
    def skipped(self) -> dict[str, str]:
        """Bad files found so far, with reasons."""
        found: dict[str, str] = self.audio.skipped
        return found

    @property
    def batch_size(self) -> int:
        """Clips of a batch."""
        size: int = self.audio.batch_size
        return size

    @property
    def batches_per_update(self) -> int:
        """Batches of this process that add up to an update."""
        count: int = self.audio.batches_per_update
        return count

    def __len__(self) -> int:
        return len(self.audio)

    def __iter__(self) -> Iterator[tuple[Tensor, list[Info]]]:
        """Spectrograms `(B, C, F, L)`, or `(B, 2C, F, L)` with `cac`; metadata have the `audio` `(C, T)` of a clip."""
        for audio, infos in self.audio:
            spectrogram = self._transform(audio)
            for info, clip in zip(infos, audio, strict=True):
                info["audio"] = clip
            yield complex_as_channels(spectrogram) if self._cac else spectrogram, infos

    def state_dict(self) -> dict[str, Any]:
        """Where the loader stands."""
        state: dict[str, Any] = self.audio.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.audio.load_state_dict(state)


@build_loader.register
def build(config: SpectrogramDatasetConfig, options: LoaderOptions) -> Any:
    """The loader of audio that this data set is about, or that of its spectrograms."""
    if config.sample_rate not in (None, options.sample_rate):
        raise DataError(
            f"The data set is for {config.sample_rate} Hz but {options.sample_rate} Hz are asked for: write "
            f"`sample_rate: {options.sample_rate}` in the data set, or leave it out"
        )
    hop = config.stft.hop_length
    size = options.sample_size if config.target_frames is None else (config.target_frames - 1) * hop
    audio = create_loader(config.audio, replace(options, sample_size=size, audio_channels=2 if config.stereo else 1))
    if config.deliver == "audio":
        return audio
    return SpectrogramLoader(audio, _transform(config.stft), config.cac)


def _transform(config: Any) -> Callable[[Tensor], Tensor]:
    """From audio `(..., T)` to its complex spectrogram `(..., F, L)`; `center` is always true, and so no option."""
    return partial(
        stft,
        n_fft=config.n_fft,
        hop_length=config.hop_length,
        window=get_window(config.window, config.win_length or config.n_fft),
        pad_mode=config.pad_mode,
        normalized=config.normalized,
    )
