"""Conversion of audio with another number of channels than the model's, by a policy that is kept with the model.

`error` refuses every difference. `duplicate` repeats mono, which loses nothing. `downmix` also mixes more channels down
to the model's number. `fold` codes more channels apart, as if they were further clips of a batch, and gives all back.
"""

from __future__ import annotations

from typing import get_args

import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.interfaces import ChannelPolicy


class ChannelError(NarrowsError, ValueError):
    """Audio with a number of channels that the policy refuses."""


def channels_to_read(given: int, wanted: int, policy: ChannelPolicy) -> int:
    """The number of channels to convert audio to before it is encoded.

    Args:
        given: channels of the audio.
        wanted: channels of the model.
        policy: how to convert.

    Returns:
        `wanted`, or with `fold` the channels as they are: `fold_channels` then makes clips of them.

    Raises:
        ChannelError: the policy refuses the audio; the message names the one to set.
    """
    if policy not in get_args(ChannelPolicy):
        raise ValueError(f"channel_policy is one of {', '.join(get_args(ChannelPolicy))}, got {policy!r}")
    if given == wanted or (given == 1 and policy != "error"):
        return wanted
    if given > wanted and policy == "downmix":
        return wanted
    if given > wanted and policy == "fold":
        return given
    if 1 < given < wanted:
        raise ChannelError(f"{given} channels cannot become the model's {wanted}: only mono is repeated")
    instead = "duplicate" if given == 1 else "downmix or fold"
    raise ChannelError(
        f"{_count(given)} of audio for a model of {_count(wanted)}, and channel_policy is {policy}: "
        f"set channel_policy to {instead}"
    )


def check_channels(given: int, wanted: int, policy: ChannelPolicy) -> None:
    """Refuse audio in memory whose channels a policy does not convert; a mean of all, for a mono model, drops none.

    Raises:
        ChannelError: with the way out.
    """
    if policy == "duplicate" and wanted == 1:
        return
    if channels_to_read(given, wanted, policy) != wanted:
        raise ChannelError(
            f"{given} channels of a clip for a model of {wanted}, and channel_policy is fold: make clips of them with "
            "narrows.models.codec.fold_channels first"
        )


def groups(given: int, wanted: int) -> int:
    """Clips that audio of so many channels is folded into."""
    return -(-given // wanted)


def fold_channels(audio: Tensor, wanted: int) -> Tensor:
    """Channels as clips: `(C, T)` to `(ceil(C / wanted), wanted, T)`; the last channel fills the last clip."""
    missing = -audio.shape[0] % wanted
    if missing:
        audio = torch.cat([audio, audio[-1:].expand(missing, -1)])
    return audio.reshape(-1, wanted, audio.shape[-1])


def unfold_channels(audio: Tensor) -> Tensor:
    """Clips as channels: `(G, C, T)` to `(G * C, T)`."""
    return audio.reshape(-1, audio.shape[-1])


def _count(channels: int) -> str:
    return "1 channel" if channels == 1 else f"{channels} channels"
