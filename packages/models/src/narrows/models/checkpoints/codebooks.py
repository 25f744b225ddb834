"""Codebooks as other programs and versions store them.

Ours are stored as vector-quantize-pytorch 1.14 does: `embed` and `embed_avg` `(1, N, D)`, `cluster_size` `(1, N)`,
`initted` `(1,)` in float. EnCodec, and that library before it had heads, have no leading axis; newer versions of the
library have a scalar, boolean `initted`, and so has a model with a class of theirs (`vector_quantize_pytorch`).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

WITH_LEADING_AXIS = ("embed", "embed_avg", "cluster_size")


def adapt_codebooks(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors with all codebooks in the model's form; anything that is not wholly of a known form stays."""
    adapted = dict(given)
    for name in expected:
        if not name.endswith("_codebook.embed"):
            continue
        prefix = name.removesuffix("embed")
        members = [prefix + member for member in WITH_LEADING_AXIS]
        if all(key in given and given[key].shape == expected[key].shape[1:] for key in members):
            adapted |= {key: given[key].unsqueeze(0) for key in members}
        flag, wanted = given.get(prefix + "initted"), expected.get(prefix + "initted")
        if flag is not None and wanted is not None and flag.shape in ((), (1,)):
            adapted[prefix + "initted"] = flag.to(wanted.dtype).reshape(wanted.shape)
    for name in expected:
        if name.endswith(".revival.use") and name not in given:
            # Trained without it: no code is replaced before it turns out that nothing chooses it.
            draws = name.removesuffix("use") + "draws"
            adapted |= {name: torch.ones_like(expected[name]), draws: torch.zeros_like(expected[draws])}
        if name.endswith((".averages.counts", ".averages.sums")) and name not in given:
            # Trained without them: they start from the codes.
            adapted[name] = torch.zeros_like(expected[name])
    return adapted
