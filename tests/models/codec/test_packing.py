"""Tokens in as few bytes as their codebook allows."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.codec import TokenPacking


@given(st.integers(2, 2**24), st.integers(0, 600), st.integers(0, 2**32))
def test_tokens_come_back(codebook_size: int, count: int, seed: int) -> None:
    packing = TokenPacking(codebook_size)
    tokens = np.random.default_rng(seed).integers(0, codebook_size, count)
    packed = packing.pack(tokens)
    assert len(packed) == packing.size(count)
    assert np.array_equal(packing.unpack(packed, count), tokens)


@pytest.mark.parametrize("codebook_size", [2, 3, 5, 240, 256, 625, 1000, 1024, 4375, 32769, 64000, 65536, 390625])
def test_nothing_is_wasted(codebook_size: int) -> None:
    count = 100_000
    ideal = count * log2(codebook_size) / 8
    assert ideal <= TokenPacking(codebook_size).size(count) < 1.006 * ideal


def test_powers_of_two_are_plain_bits() -> None:
    """Ten bits a token, the first one leading."""
    packed = TokenPacking(1024).pack(np.array([0b1111100000, 0b0000011111, 0, 1023]))
    assert packed == bytes([0b11111000, 0b00000001, 0b11110000, 0b00000011, 0b11111111])


@pytest.mark.parametrize("tokens", [[-1, 0], [0, 5]])
def test_tokens_outside_of_the_codebook_are_refused(tokens: list[int]) -> None:
    with pytest.raises(ValueError, match="Tokens must be from 0 to 4"):
        TokenPacking(5).pack(np.array(tokens))


def test_bytes_that_hold_no_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="outside of a codebook of 5"):
        TokenPacking(5).unpack(b"\xff", 1)
    with pytest.raises(ValueError, match="3 tokens take 1 bytes, got 2"):
        TokenPacking(5).unpack(b"\x00\x00", 3)
