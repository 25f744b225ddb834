"""What becomes of other channels than the model's."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from narrows.models.codec import ChannelError, channels_to_read, fold_channels, unfold_channels
from narrows.models.codec.channels import check_channels
from narrows.models.diffusion.generation.inpainting import fitted


@pytest.mark.parametrize(
    ("given", "wanted", "policy", "read"),
    [
        *((n, n, policy, n) for n in (1, 2, 6) for policy in ("error", "duplicate", "downmix", "fold")),
        *((1, 2, policy, 2) for policy in ("duplicate", "downmix", "fold")),
        (2, 1, "downmix", 1),
        (6, 2, "downmix", 2),
        (2, 1, "fold", 2),
        (5, 2, "fold", 5),
    ],
)
def test_what_is_read(given: int, wanted: int, policy: str, read: int) -> None:
    assert channels_to_read(given, wanted, policy) == read


@pytest.mark.parametrize(
    ("given", "wanted", "policy", "advice"),
    [
        (2, 1, "error", "set channel_policy to downmix or fold"),
        (2, 1, "duplicate", "set channel_policy to downmix or fold"),
        (1, 2, "error", "set channel_policy to duplicate"),
        (2, 6, "downmix", "only mono is repeated"),
    ],
)
def test_what_is_refused_says_what_to_set(given: int, wanted: int, policy: str, advice: str) -> None:
    with pytest.raises(ChannelError, match=advice) as caught:
        channels_to_read(given, wanted, policy)
    assert "\n" not in str(caught.value)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="is one of error, duplicate, downmix, fold, got 'mixdown'"):
        channels_to_read(2, 1, "mixdown")


@pytest.mark.parametrize(("channels", "wanted"), [(1, 1), (2, 1), (5, 1), (4, 2), (5, 2), (2, 2)])
def test_folding_is_undone(channels: int, wanted: int) -> None:
    audio = torch.arange(channels * 7.0).reshape(channels, 7)
    folded = fold_channels(audio, wanted)
    assert folded.shape == (-(-channels // wanted), wanted, 7)
    assert torch.equal(unfold_channels(folded)[:channels], audio)


@pytest.mark.parametrize(
    ("given", "wanted", "policy", "fine"),
    [
        (6, 1, "duplicate", True),  # the mean of all drops none
        (1, 2, "duplicate", True),
        (6, 2, "duplicate", False),
        (6, 2, "downmix", True),
        (6, 2, "fold", False),
        (1, 2, "error", False),
        (2, 6, "downmix", False),
        (2, 2, "error", True),
    ],
)
def test_audio_that_is_no_file_follows_the_policy_too(given: int, wanted: int, policy: Any, fine: bool) -> None:
    """As init audio, audio to inpaint and audio that conditions do, through the pretransform of a model."""
    waveform = torch.zeros(given, 64)
    pretransform = SimpleNamespace(channel_policy=policy)
    model = SimpleNamespace(pretransform=pretransform, audio_channels=wanted, io_channels=8, sample_rate=8000)
    with nullcontext() if fine else pytest.raises(ChannelError):
        check_channels(given, wanted, policy)
    with nullcontext() if fine else pytest.raises(ChannelError):
        assert fitted(model, (waveform, 8000), 64).shape == (wanted, 64)
