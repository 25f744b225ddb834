"""Figures of codebook use."""

from __future__ import annotations

import math

import torch

from narrows.models.blocks.quantizers.health import codebook_health, count_codes


def test_even_use_has_the_perplexity_of_the_size() -> None:
    tokens = torch.stack([torch.arange(8).repeat(4), torch.zeros(32, dtype=torch.int64)])[None]
    health = codebook_health(tokens, 8)
    torch.testing.assert_close(health.usage, torch.tensor([1.0, 1 / 8], dtype=torch.float64))
    torch.testing.assert_close(health.perplexity, torch.tensor([8.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(health.entropy_bits, torch.tensor([3.0, 0.0], dtype=torch.float64))
    assert health.dead_codes.tolist() == [0, 7]


def test_uneven_use() -> None:
    tokens = torch.tensor([[[0, 0, 0, 1]], [[0, 0, 0, 1]]])
    nats = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    torch.testing.assert_close(
        codebook_health(tokens, 4).perplexity, torch.tensor([math.exp(nats)], dtype=torch.float64)
    )


def test_counts_of_batches_add_up() -> None:
    tokens = torch.randint(0, 5, (6, 3, 20), generator=torch.Generator().manual_seed(0))
    assert torch.equal(count_codes(tokens, 5), sum(count_codes(part, 5) for part in tokens.split(2)))
