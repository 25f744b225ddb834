"""Lossless coding of tokens by the probabilities of a language model (Défossez et al. 2022, arXiv 2210.13438, 3.3).

The range coder is that of the package `constriction` (Bamler 2022, arXiv 2201.01741), extra `entropy`. Both sides
compute the same probabilities on machines of one kind (processor or device); where they do not, decoding says so, since
the file holds a checksum of its tokens.

Letters: L frames, G groups of folded channels, K codebooks, V values of a token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.codec import CodecFileError, CodecHeader, Entropy, model_hash
from narrows.models.lm.coding import Coder, walk
from narrows.models.lm.model import AudioLanguageModel
from narrows.models.lm.network import TokenNetwork

WINDOW = 256
"""Frames coded together where the model does not say how long its training crops were."""
AT_ONCE = 32
"""Windows that are worked on together."""
OTHER_TOKENS = "decodes to other tokens than were coded: it was coded on another kind of machine or with other software"


class EntropyError(NarrowsError, ValueError):
    """A language model that cannot code the tokens of a codec."""


def check_language_model(lm: Any, codebooks: int, codebook_size: int) -> AudioLanguageModel:
    """The language model, if it can code such tokens.

    Raises:
        EntropyError: it is none, has conditions, or knows other tokens; or `constriction` is not installed.
    """
    if not isinstance(lm, AudioLanguageModel):
        raise EntropyError(f"A model of the type {type(lm).__name__} codes no tokens: give a language model")
    if not isinstance(lm.lm, TokenNetwork):
        raise EntropyError(
            "A masked language model has no order in which tokens could be coded: give one that predicts the next token"
        )
    if lm.conditioner is not None:
        raise EntropyError("The language model needs conditions, which a codec file does not have: give one without")
    if (lm.num_quantizers, lm.codebook_size) != (codebooks, codebook_size):
        raise EntropyError(
            f"The language model knows {lm.num_quantizers} codebooks of {lm.codebook_size}, but the codec has "
            f"{codebooks} of {codebook_size}: it must be trained on tokens of this codec"
        )
    _constriction()
    return lm


def coded(lm: AudioLanguageModel, tokens: Tensor) -> tuple[bytes, Entropy]:
    """Code tokens.

    Args:
        lm: one that `check_language_model` accepts, in eval mode on the device to use.
        tokens: `(L, K)` or `(L, G, K)`.

    Returns:
        The coded tokens, and what the header says about them.
    """
    constriction, window = _constriction(), min(_window(lm), len(tokens))
    encoder = constriction.stream.queue.RangeEncoder()
    family = constriction.stream.model.Categorical(perfect=False)

    def code(_: int, logits: Tensor, known: Tensor) -> Tensor:
        encoder.encode(known.cpu().numpy().astype(np.int32), family, _probabilities(logits))
        return known

    _walked(lm, tokens, window, code)
    payload = encoder.get_compressed().astype("<u4").tobytes()
    return payload, Entropy(model_hash(lm), len(payload), window, _digest(tokens))


def decoded(lm: AudioLanguageModel, header: CodecHeader, payload: bytes, path: Path) -> Tensor:
    """The tokens of a file `(L, *shape)`.

    Args:
        lm: the language model that coded them, in eval mode on the device to use.
        header: of the file.
        payload: the coded tokens.
        path: for messages.

    Raises:
        CodecFileError: another language model coded them, the payload is damaged, or this kind of machine computes
            other probabilities.
    """
    entropy = header.entropy
    assert entropy is not None, "only coded files are decoded"
    given = model_hash(lm)
    if given != entropy.model:
        raise CodecFileError(path, f"was coded by the language model {entropy.model[:12]}…, this one is {given[:12]}…")
    if len(payload) % 4:
        raise CodecFileError(path, "damaged payload: it is no whole number of words")
    constriction = _constriction()
    decoder = constriction.stream.queue.RangeDecoder(np.frombuffer(payload, "<u4").astype(np.uint32))
    family = constriction.stream.model.Categorical(perfect=False)

    def code(_: int, logits: Tensor, known: Tensor) -> Tensor:
        try:
            tokens = decoder.decode(family, _probabilities(logits))
        except AssertionError as error:  # of constriction: no such thing can have been coded
            raise CodecFileError(path, OTHER_TOKENS) from error
        return torch.from_numpy(tokens.astype(np.int64)).to(known.device)

    empty = torch.zeros((header.frames, *header.shape), dtype=torch.int64)
    tokens = _walked(lm, empty, entropy.window, code)
    if _digest(tokens) != entropy.tokens:
        raise CodecFileError(path, OTHER_TOKENS)
    return tokens


def _walked(lm: AudioLanguageModel, tokens: Tensor, window: int, coder: Coder) -> Tensor:
    """Tokens `(L, ..., K)` through a coder, in windows that do not depend on each other."""
    frames, codebooks = tokens.shape[0], tokens.shape[-1]
    groups = tokens.reshape(frames, -1, codebooks).permute(1, 2, 0).to(lm.device)  # (G, K, L)
    padded = torch.nn.functional.pad(groups, (0, -frames % window))
    windows = torch.unflatten(padded, -1, (-1, window)).transpose(1, 2).flatten(0, 1)  # (G * N, K, window)
    count = padded.shape[-1] // window
    lengths = torch.tensor([window] * (count - 1) + [frames - (count - 1) * window], device=lm.device)
    every = lengths.repeat(len(groups))
    with one_thread():
        parts = [
            walk(cast("TokenNetwork", lm.lm), codes, sizes, coder)
            for codes, sizes in zip(torch.split(windows, AT_ONCE), torch.split(every, AT_ONCE), strict=True)
        ]
    joined = torch.unflatten(torch.cat(parts), 0, (len(groups), count)).transpose(1, 2).flatten(2)
    return joined[..., :frames].permute(2, 0, 1).reshape(tokens.shape).cpu()


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, sums do not depend on how many processors there are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _probabilities(logits: Tensor) -> Any:
    """`(N, V)` in float32."""
    return torch.softmax(logits.double(), dim=-1).float().cpu().numpy()


def _digest(tokens: Tensor) -> str:
    return hashlib.sha256(tokens.cpu().numpy().astype("<i8").tobytes()).hexdigest()


def _window(lm: AudioLanguageModel) -> int:
    """Frames of the crops that the model was trained on."""
    size = getattr(getattr(lm, "config", None), "sample_size", None)
    return WINDOW if size is None else max(1, size // lm.pretransform.downsampling_ratio)


def _constriction() -> Any:
    try:
        import constriction
    except ModuleNotFoundError as error:
        raise EntropyError(
            'Coding by a language model needs the package constriction: pip install "narrows[entropy]"'
        ) from error
    return constriction
