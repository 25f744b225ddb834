"""What the conditioners share that read text through a tokenizer: tokens, and the words that do not fit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from narrows.models.conditioners.base import ConditionError
from narrows.models.extras import quiet


class TextCutWarning(UserWarning):
    """A text is longer than its encoder reads; the message has the words that were cut."""


class Tokens(NamedTuple):
    """Tokens of a batch of texts."""

    ids: Tensor
    """`(B, N)`, int64."""
    mask: Tensor
    """`(B, N)`, bool: false where a token is padding."""

    def to(self, device: torch.device) -> Tokens:
        """The same elsewhere."""
        return Tokens(self.ids.to(device), self.mask.to(device))

    def trimmed(self) -> Tokens:
        """Without the columns behind the last token of the longest text; one column at least."""
        return Tokens(self.ids[:, : (end := length(self.mask))], self.mask[:, :end])


def length(mask: Tensor) -> int:
    """Tokens up to the last one that is not padding, at least one, of `(N,)` or of the longest row of `(B, N)`."""
    columns = mask if mask.dim() == 1 else mask.any(0)
    places = columns.nonzero()
    return int(places[-1]) + 1 if len(places) else 1


def text_of(value: Any) -> str:
    """A text.

    Raises:
        ConditionError: the value is none.
    """
    if not isinstance(value, str):
        raise ConditionError(f"must be a text, got {value!r}"[:200])
    return value


def tokenize(tokenizer: Any, texts: Sequence[str], max_length: int) -> Tokens:
    """Tokens of texts, padded or cut to a length."""
    with quiet():
        encoded = tokenizer(
            list(texts), truncation=True, max_length=max_length, padding="max_length", return_tensors="pt"
        )
    return Tokens(encoded["input_ids"], encoded["attention_mask"].bool())


def words_beyond(tokenizer: Any, text: str, max_length: int) -> str:
    """The end of a text that does not fit, from the first word that is not read whole; empty when all of it fits."""
    room = max_length - tokenizer.num_special_tokens_to_add(pair=False)
    with quiet():
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=tokenizer.is_fast)
    ids = encoded["input_ids"]
    if len(ids) <= room:
        return ""
    if not tokenizer.is_fast:
        return str(tokenizer.decode(ids[max(room, 0) :])).strip()
    start = encoded["offset_mapping"][max(room, 0)][0]
    while 0 < start < len(text) and not text[start].isspace() and not text[start - 1].isspace():
        start -= 1
    return text[start:].strip()


def warn_cut(name: str, max_length: int, words: str) -> None:
    """Say which words of a text are not read."""
    message = f"{name} reads {max_length} tokens and leaves out the end of a text: {words!r}"
    warnings.warn(message, TextCutWarning, stacklevel=3)
