"""Tokens in as few whole bytes as their codebook allows.

A token of a codebook of size M holds log2(M) bits. Tokens are taken in groups, each group is read as one number in
base M, the first token leading, and written in the fewest bytes that hold any such number, the highest byte first. The
size of a group is chosen so that less than half a percent is lost; for M = 2^b it is at most 8 tokens, and nothing is.
"""

from __future__ import annotations

from functools import cached_property
from math import log2

import numpy as np
from numpy.typing import NDArray

WORST_LOSS = 0.005
LARGEST_GROUP = 256
LARGEST_CODEBOOK = 1 << 24


class TokenPacking:
    """Packs tokens of one codebook size.

    Args:
        codebook_size: values a token can take, from 2 to 2^24.
    """

    def __init__(self, codebook_size: int) -> None:
        if not 2 <= codebook_size <= LARGEST_CODEBOOK:
            raise ValueError(f"codebook_size must be from 2 to {LARGEST_CODEBOOK}, got {codebook_size}")
        self.codebook_size = codebook_size

    @cached_property
    def group(self) -> int:
        """Tokens of a full group."""
        bits = log2(self.codebook_size)
        loss = {n: self._group_bytes(n) * 8 / (n * bits) - 1 for n in range(1, LARGEST_GROUP + 1)}
        return next((n for n in loss if loss[n] <= WORST_LOSS), min(loss, key=lambda n: loss[n]))

    def size(self, count: int) -> int:
        """Bytes that so many tokens take."""
        full, rest = divmod(count, self.group)
        return full * self._group_bytes(self.group) + self._group_bytes(rest)

    def pack(self, tokens: NDArray[np.int64]) -> bytes:
        """Tokens `(N,)` to bytes; when N is no multiple of `group`, nothing can follow."""
        if tokens.size and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.codebook_size:
            raise ValueError(f"Tokens must be from 0 to {self.codebook_size - 1}, got {tokens.min()} to {tokens.max()}")
        full = len(tokens) // self.group * self.group
        head = self._pack(tokens[:full].reshape(-1, self.group))
        return head + (self._pack(tokens[None, full:]) if full < len(tokens) else b"")

    def unpack(self, data: bytes, count: int) -> NDArray[np.int64]:
        """Bytes of `pack` to `count` tokens.

        Raises:
            ValueError: there are more or fewer bytes, or they hold no tokens of this codebook.
        """
        if len(data) != self.size(count):
            raise ValueError(f"{count} tokens take {self.size(count)} bytes, got {len(data)}")
        full, rest = divmod(count, self.group)
        border = full * self._group_bytes(self.group)
        raw = np.frombuffer(data, np.uint8)
        parts = [self._unpack(raw[:border].reshape(full, -1), self.group)] if full else []
        parts += [self._unpack(raw[None, border:], rest)] if rest else []
        return np.concatenate([part.reshape(-1) for part in parts]) if parts else np.zeros(0, np.int64)

    def _group_bytes(self, tokens: int) -> int:
        largest: int = self.codebook_size**tokens - 1
        return (largest.bit_length() + 7) // 8

    def _pack(self, groups: NDArray[np.int64]) -> bytes:
        """Multiply by M and add the next token, on numbers of two-byte digits, the lowest digit first."""
        size = self._group_bytes(groups.shape[1])
        digits = np.zeros(((size + 1) // 2, len(groups)), np.uint64)
        for column in groups.astype(np.uint64).T:
            carry = column
            for digit in digits:
                value = digit * np.uint64(self.codebook_size) + carry
                digit[:], carry = value & np.uint64(0xFFFF), value >> np.uint64(16)
        raw = np.ascontiguousarray(digits.astype("<u2").T).view(np.uint8)[:, :size]
        return np.ascontiguousarray(raw[:, ::-1]).tobytes()

    def _unpack(self, raw: NDArray[np.uint8], tokens: int) -> NDArray[np.int64]:
        """Divide by M again and again; the remainders are the tokens, the last one first."""
        padded = np.zeros((len(raw), (raw.shape[1] + 1) // 2 * 2), np.uint8)
        padded[:, : raw.shape[1]] = raw[:, ::-1]
        digits = padded.view("<u2").T.astype(np.uint64)[::-1].copy()
        out = np.empty((len(raw), tokens), np.int64)
        for place in reversed(range(tokens)):
            rest = np.zeros(len(raw), np.uint64)
            for digit in digits:
                value = (rest << np.uint64(16)) | digit
                digit[:], rest = np.divmod(value, np.uint64(self.codebook_size))
            out[:, place] = rest
        if digits.any():
            raise ValueError(f"The bytes hold tokens outside of a codebook of {self.codebook_size}")
        return out
