"""Seeds that belong to a clip."""

from __future__ import annotations

import hashlib


def clip_seed(seed: int, dataset: str, name: str, row: int = 0) -> int:
    """A seed of a clip's own, which neither its batch nor its shard changes.

    Args:
        seed: of the run.
        dataset: of the clip.
        name: of the clip in it.
        row: which of its groups of channels, where they are folded.
    """
    what = f"{seed}\0{dataset}\0{name}" + (f"\0{row}" if row else "")
    return int.from_bytes(hashlib.sha256(what.encode("utf-8", "surrogateescape")).digest()[:8], "little") >> 1
