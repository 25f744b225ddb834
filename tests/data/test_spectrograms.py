from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.sounds import write_sounds

from narrows.audio.stft import complex_as_channels, stft
from narrows.audio.windows import get_window
from narrows.configs import ConfigError, load_config
from narrows.data import DataError, create_dataloader_from_config, without_variation

STFT = {"n_fft": 64, "hop_length": 16, "win_length": 48, "window": "hamming"}


def loader(folder: Path, **options: Any) -> Any:
    document = {
        "dataset_type": "spectrogram",
        "audio": {"dataset_type": "audio_dir", "path": str(folder)},
        "stft": STFT,
        "target_frames": 9,
        **options,
    }
    return create_dataloader_from_config(document, 2, 99999, 8000, num_workers=0, seed=3)


@pytest.mark.parametrize(
    ("stereo", "cac", "audio_channels", "channels"),
    [(True, False, 2, 2), (True, True, 2, 4), (False, False, 1, 1), (False, True, 1, 2)],
)
def test_the_channel_table(tmp_path: Path, stereo: bool, cac: bool, audio_channels: int, channels: int) -> None:
    folder = write_sounds(tmp_path / "set")
    spectra, infos = next(iter(loader(folder, stereo=stereo, cac=cac, deliver="spectrogram")))
    assert spectra.shape == (2, channels, 33, 9)
    assert spectra.is_complex() is not cac
    audio = torch.stack([info["audio"] for info in infos])
    assert audio.shape == (2, audio_channels, 8 * 16)
    window = torch.hamming_window(48)
    expected = torch.stack([torch.stft(clip, 64, 16, 48, window, return_complex=True) for clip in audio])
    parts = (spectra[:, :audio_channels], spectra[:, audio_channels:]) if cac else (spectra.real, spectra.imag)
    torch.testing.assert_close(parts[0], expected.real)
    torch.testing.assert_close(parts[1], expected.imag)


def test_the_crops_are_those_of_the_audio_inside(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set")
    plain = create_dataloader_from_config(
        {"dataset_type": "audio_dir", "path": str(folder)}, 2, 128, 8000, 2, num_workers=0, seed=3
    )
    audio, spectra = loader(folder), loader(folder, deliver="spectrogram")
    assert len(audio) == len(spectra) == len(plain)
    assert spectra.batch_size == 2
    for one, two, (_, infos) in zip(plain, audio, spectra, strict=True):
        assert torch.equal(one[0], two[0])
        assert torch.equal(one[0], torch.stack([info["audio"] for info in infos]))


def test_spectrograms_are_resumed_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "set")
    first = loader(folder, deliver="spectrogram")
    iterator = iter(first)
    next(iterator)
    state, expected = first.state_dict(), next(iterator)[0]
    second = loader(folder, deliver="spectrogram")
    second.load_state_dict(state)
    assert torch.equal(next(iter(second))[0], expected)
    assert second.skipped == {}


def test_without_frames_the_caller_says_how_long_a_crop_is(tmp_path: Path) -> None:
    document = {
        "dataset_type": "spectrogram",
        "audio": {"dataset_type": "audio_dir", "path": str(write_sounds(tmp_path / "set"))},
        "stft": STFT,
    }
    audio, _ = next(iter(create_dataloader_from_config(document, 2, 320, 8000, num_workers=0)))
    assert audio.shape == (2, 2, 320)


def test_another_rate_than_asked_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is for 44100 Hz but 8000 Hz are asked for"):
        loader(write_sounds(tmp_path / "set"), sample_rate=44100)


def test_what_fixes_clips_reaches_the_audio_inside() -> None:
    document = {"dataset_type": "spectrogram", "audio": {"dataset_type": "audio_dir", "path": "x"}, "stft": STFT}
    fixed = without_variation(load_config(document))
    assert fixed.audio.random_crop is False
    assert fixed.audio.drop_last is False


def test_latents_have_no_spectrogram() -> None:
    document = {"dataset_type": "spectrogram", "audio": {"dataset_type": "pre_encoded", "path": "x"}, "stft": STFT}
    with pytest.raises(ConfigError):
        load_config(document)


def test_a_window_of_ones_and_the_size_of_normalised_spectra() -> None:
    audio = torch.randn(1, 64)
    window = get_window("rectangular", 16)
    plain = stft(audio, 16, 8, window)
    torch.testing.assert_close(stft(audio, 16, 8, window, normalized=True), plain / 4)
    torch.testing.assert_close(plain[0, :, 2], torch.fft.rfft(audio[0, 8:24]))
    assert torch.equal(complex_as_channels(plain), torch.cat([plain.real, plain.imag]))
