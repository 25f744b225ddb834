"""The layout of a codebook pattern: which token of a frame stands at which step of the sequence.

Letters: B batch, K codebooks, T frames, S steps, V values of a token.
"""

from __future__ import annotations

import torch
from torch import Tensor

EMPTY = -1
"""In `Layout.frames`: no token of this codebook at this step."""

Gathered = tuple[Tensor, Tensor, Tensor]


class Layout:
    """The steps of a sequence for a number of frames.

    Step 0 is empty: there the model starts. A step may hold frames from T on, which no clip has; they are filled like
    empty places.

    Args:
        frames: `(S, K)`, int64: the frame of each codebook at each step, or `EMPTY`.
        length: frames (T).
    """

    def __init__(self, frames: Tensor, length: int) -> None:
        self.frames = frames
        self.length = length
        self.codebooks = frames.shape[1]
        self.max_delay = max(int(frames.max()) + 1 - length, 0) if frames.numel() else 0
        self._cache: dict[tuple[object, ...], tuple[Tensor, Tensor]] = {}

    def __len__(self) -> int:
        """Steps, the empty one at the start included."""
        return len(self.frames)

    @property
    def valid_steps(self) -> int:
        """Steps without those at the end that hold frames from T on."""
        return len(self) - self.max_delay

    @property
    def steps(self) -> list[list[tuple[int, int]]]:
        """`(frame, codebook)` of the tokens at each step."""
        return [[(t, q) for q, t in enumerate(row) if t != EMPTY] for row in self.frames.tolist()]

    def first_step(self, frame: int) -> int | None:
        """First step with a token of a frame; None if there is none."""
        found = (self.frames == frame).any(1).nonzero()
        return int(found[0]) if len(found) else None

    def last_steps(self) -> Tensor:
        """The step at which each frame is complete: `(T,)`; frames are not always completed in their order."""
        steps = torch.arange(len(self))[:, None].expand_as(self.frames)
        held = (self.frames >= 0) & (self.frames < self.length)
        last = torch.zeros(self.length, dtype=torch.long)
        return last.scatter_reduce_(0, self.frames[held], steps[held], "amax")

    def places(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Where the tokens of `(K, T)` stand in a sequence `(K, S)`, flattened, and which are there at all."""
        return self._kept(self._reverting, device, len(self), False, 0)

    def predictions(self, steps: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """At which step of a sequence `(K, steps)` of valid steps, flattened, the tokens of `(K, T)` are predicted,
        and which are."""
        indexes, mask = self._kept(self._reverting, device, steps, True, 1)
        return indexes.masked_fill(~mask, 0), mask

    def build(self, codes: Tensor, special: int, valid_only: bool = False) -> Gathered:
        """The sequence of codes.

        Args:
            codes: `(B, K, T)`; fewer frames than the layout has are filled up with `special`.
            special: token of places without one.
            valid_only: leave out steps at the end that hold frames from T on.

        Returns:
            Sequence `(B, K, S)`, where each token is from `(K, S)` (an index into the codes of an item, flattened;
            `K * T` for `special`), and which tokens are codes `(K, S)`.
        """
        length = codes.shape[-1]
        self._check(codes.shape[1], length, self.length, "frames")
        indexes, mask = self._kept(self._building, codes.device, length, valid_only)
        return _gather(codes, indexes, special), indexes, mask

    def revert(self, sequence: Tensor, special: int, valid_only: bool = False) -> Gathered:
        """The codes of a sequence: the reverse of `build`.

        Args:
            sequence: `(B, K, S)`, or its first steps.
            special: token of codes that the sequence does not hold.
            valid_only: the sequence was built so.

        Returns:
            Codes `(B, K, T)`, where each is from `(K, T)`, and which the sequence holds `(K, T)`.
        """
        steps = sequence.shape[-1]
        self._check(sequence.shape[1], steps, self._count(valid_only), "steps")
        indexes, mask = self._kept(self._reverting, sequence.device, steps, valid_only, 0)
        return _gather(sequence, indexes, special), indexes, mask

    def revert_logits(self, logits: Tensor, special: float, valid_only: bool = False) -> Gathered:
        """Logits of a sequence aligned with the codes: what a model says at a step is about the step after it.

        Args:
            logits: `(B, V, K, S)`.
            special: logit of codes that are not predicted.
            valid_only: the sequence was built so.

        Returns:
            Logits `(B, V, K, T)`, where each is from `(K, T)`, and which codes are predicted `(K, T)`.
        """
        steps = logits.shape[-1]
        self._check(logits.shape[2], steps, self._count(valid_only), "steps")
        indexes, mask = self._kept(self._reverting, logits.device, steps, valid_only, 1)
        return _gather(logits, indexes, special), indexes, mask

    def _count(self, valid_only: bool) -> int:
        return self.valid_steps if valid_only else len(self)

    def _check(self, codebooks: int, count: int, most: int, unit: str) -> None:
        if codebooks != self.codebooks:
            raise ValueError(f"This layout is for {self.codebooks} codebooks, got {codebooks}")
        if count > most:
            raise ValueError(f"This layout has {most} {unit}, got {count}")

    def _kept(self, make: object, device: torch.device, *key: int) -> tuple[Tensor, Tensor]:
        """Index tensors on a device, made once."""
        name = (make.__name__, str(device), *key)  # type: ignore[attr-defined]
        if name not in self._cache:
            indexes, mask = make(*key)  # type: ignore[operator]
            self._cache[name] = indexes.to(device), mask.to(device)
        return self._cache[name]

    def _building(self, length: int, valid_only: bool) -> tuple[Tensor, Tensor]:
        frames = self.frames[: self._count(valid_only)].T
        mask = (frames >= 0) & (frames < length)
        offsets = torch.arange(self.codebooks)[:, None] * length
        return torch.where(mask, frames + offsets, self.codebooks * length), mask

    def _reverting(self, steps: int, valid_only: bool, ahead: int) -> tuple[Tensor, Tensor]:
        frames = self.frames[ahead : self._count(valid_only)][:steps]
        indexes = torch.full((self.codebooks, self.length), self.codebooks * steps)
        held = (frames >= 0) & (frames < self.length)
        step, codebook = held.nonzero(as_tuple=True)
        indexes[codebook, frames[held]] = step + codebook * steps
        return indexes, indexes < self.codebooks * steps


def _gather(values: Tensor, indexes: Tensor, special: float) -> Tensor:
    """Take from the last two axes, flattened and followed by `special`."""
    flat = values.flatten(-2)
    flat = torch.cat((flat, flat.new_full((*flat.shape[:-1], 1), special)), dim=-1)
    return torch.unflatten(flat[..., indexes.flatten()], -1, indexes.shape)
