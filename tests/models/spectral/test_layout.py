"""One layout of channels: real parts of all channels, then imaginary parts."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.spectral.layout import ChannelLayout, from_complex, pack_complex, to_complex, unpack_complex

TABLE = [(2, False, 2), (2, True, 4), (1, False, 1), (1, True, 2)]


@pytest.mark.parametrize(("audio", "cac", "channels"), TABLE)
def test_the_table_of_channels(audio: int, cac: bool, channels: int) -> None:
    layout = ChannelLayout(audio, cac)
    spectrogram = layout.of(torch.randn(3, audio, 5, 4, dtype=torch.complex64))
    assert (layout.model_channels, spectrogram.shape[1], spectrogram.is_complex()) == (channels, channels, not cac)
    layout.check(spectrogram)


def test_stereo_is_left_and_right_real_then_left_and_right_imaginary() -> None:
    left, right = torch.tensor(1 + 2j), torch.tensor(3 + 4j)
    packed = ChannelLayout(2, True).of(torch.stack([left, right]).view(1, 2, 1, 1))
    assert packed.flatten().tolist() == [1, 3, 2, 4]


@given(st.integers(1, 3), st.integers(1, 4), st.sampled_from(["halves", "neighbours"]))
def test_packing_is_undone(batch: int, channels: int, pairs: str) -> None:
    x = torch.randn(batch, channels, 3, 2, dtype=torch.complex64)
    assert torch.equal(to_complex(from_complex(x, pairs), pairs), x)
    assert torch.equal(unpack_complex(pack_complex(x)), x)


def test_the_arrangements_differ_in_stereo_and_only_there() -> None:
    mono, stereo = (torch.randn(1, channels, 2, 2, dtype=torch.complex64) for channels in (1, 2))
    assert torch.equal(from_complex(mono, "neighbours"), pack_complex(mono))
    assert from_complex(stereo, "neighbours")[:, 1].equal(stereo.imag[:, 0])
    assert pack_complex(stereo)[:, 1].equal(stereo.real[:, 1])


def test_parts_are_packed_each_for_itself() -> None:
    mean, scale = torch.randn(2, 1, 3, 4, dtype=torch.complex64)
    packed = pack_complex(torch.cat([mean, scale], dim=1), parts=2)
    assert torch.equal(packed, torch.cat([mean.real, mean.imag, scale.real, scale.imag], dim=1))


def test_what_is_not_in_the_layout_is_refused() -> None:
    layout = ChannelLayout(2, True)
    with pytest.raises(ValueError, match=r"must be real of shape \(batch, 4, bins, frames\), got complex"):
        layout.check(torch.randn(1, 2, 5, 4, dtype=torch.complex64))
    with pytest.raises(ValueError, match=r"\(1, 2, 5, 4\): audio of 2 channels, cac true"):
        layout.check(torch.randn(1, 2, 5, 4))
    with pytest.raises(ValueError, match="even number of channels, got 3"):
        unpack_complex(torch.randn(1, 3, 2, 2))
