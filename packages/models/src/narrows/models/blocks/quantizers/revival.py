"""Codes that hardly anything chooses become frames of the batch (Jukebox, Dhariwal et al. 2020, arXiv 2005.00341)."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from narrows.models.blocks.quantizers.kmeans import choose_rows
from narrows.models.blocks.quantizers.ranks import same_on_all_ranks, sum_over_ranks

SEED_STEP = 1_000_003
"""Distance of the seeds of two stages: more replacements than any training makes."""


class Revival(nn.Module):
    """Watches how often each code is chosen, and replaces those that hardly are.

    Codes are trained by gradient, which never reaches a code that nothing chooses: without this it stays where it is.
    A new codebook starts from the first batch altogether.

    It draws from a generator of its own, whose state is a counter among the buffers: nothing else that is drawn
    changes, a training that goes on draws as one that was never stopped, and all processes agree.

    Args:
        size: number of codes (N).
        below: a code is replaced when its moving share of the frames falls below this part of an even share, `1 / N`.
        decay: of the moving shares, a training step.
        seed: of the draws; another one for each stage.
    """

    # The buffer names are part of the checkpoint format.
    def __init__(self, size: int, below: float, decay: float, seed: int) -> None:
        super().__init__()
        self.below, self.decay, self.seed = below, decay, seed
        self.use: Tensor
        self.draws: Tensor
        self.register_buffer("use", torch.zeros(size))
        self.register_buffer("draws", torch.zeros((), dtype=torch.int64))

    @property
    def is_due(self) -> bool:
        """Whether any code is to be replaced."""
        return bool((self.use < self.below).any())

    @torch.no_grad()
    def replace(self, codes: Tensor, rows: Tensor) -> Tensor:
        """Replace hardly used codes `(N, E)`, in place, by different ones of the rows `(R, E)`.

        Where there are too few rows the others wait for the next batch.

        Returns:
            Which codes were replaced, their numbers.
        """
        dead = torch.nonzero(self.use < self.below)[:, 0]
        if len(dead) == 0:
            return dead
        # Frames of silence are all the same, and one code is enough for them.
        rows = torch.unique(rows[torch.isfinite(rows).all(-1)].float(), dim=0)
        generator = Generator().manual_seed(self.seed * SEED_STEP + int(self.draws))
        count = min(len(rows), len(dead))
        chosen = codes[dead].float()
        chosen[:count] = choose_rows(rows, count, generator) if count else chosen[:0]
        replaced = torch.arange(len(dead), device=codes.device) < count
        codes[dead] = same_on_all_ranks(chosen).to(codes.dtype)
        replaced = same_on_all_ranks(replaced)
        self.use[dead] = torch.where(replaced, 1.0, self.use[dead])
        self.draws += 1
        return dead[replaced]

    @torch.no_grad()
    def count(self, chosen: Tensor) -> None:
        """Count the codes `(R,)` that the frames of a batch chose, in all processes."""
        counts = sum_over_ranks(torch.bincount(chosen, minlength=len(self.use)).float(), True)
        shares = counts * len(self.use) / counts.sum().clamp(min=1)
        # A batch of padding alone says nothing.
        self.use.lerp_(torch.where(counts.sum() > 0, shares, self.use), 1 - self.decay)
