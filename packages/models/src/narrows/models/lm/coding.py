"""Walking through codes step by step, as generation does, with a callback that says or learns each token.

A coder of tokens needs the same probabilities on both sides, to the last bit. So both sides take the same steps of the
same batches, by a cache; a pass over all steps at once would round otherwise, and so would recorded steps, which one
side might have to do without.

Letters: B items, K codebooks, T frames, V values of a token.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from narrows.models.lm.conditions import Conditions
from narrows.models.lm.generation import GenerationOptions, Predictor
from narrows.models.lm.network import TokenNetwork
from narrows.models.lm.patterns import EMPTY

Coder = Callable[[int, Tensor, Tensor], Tensor]
"""From a codebook, logits `(N, V)` and what is known of the tokens `(N,)` to the tokens `(N,)`."""


@torch.no_grad()
def walk(network: TokenNetwork, codes: Tensor, lengths: Tensor, coder: Coder) -> Tensor:
    """Codes `(B, K, T)`, each token asked of the coder in an order that depends on the lengths alone.

    Args:
        network: in eval mode, without conditions.
        codes: `(B, K, T)`: what is known, in encoding all; handed to the coder as it is.
        lengths: frames of each item `(B,)`; the coder is not asked for what is behind, which comes back as zeros.
        coder: called for each step and codebook, with the items that have a token there.
    """
    batch, codebooks, frames = codes.shape
    layout = network.pattern.layout(frames)
    sequence = codes.new_full((batch, codebooks, len(layout)), network.special)
    predictor = Predictor(network, len(layout), Conditions(), None, GenerationOptions(cuda_graphs=False))
    made = torch.zeros_like(codes)
    for step in range(1, len(layout)):
        places = layout.frames[step].tolist()
        active = [(lengths > place) & (place != EMPTY) for place in places]
        if not any(bool(items.any()) for items in active):
            continue

        def choose(k: int, logits: Tensor, places: list[int] = places, active: list[Tensor] = active) -> Tensor:
            tokens = codes.new_full((batch,), network.special)
            if bool(active[k].any()):
                known = codes[active[k], k, places[k]]
                tokens[active[k]] = made[active[k], k, places[k]] = coder(
                    k, logits[active[k], : network.codebook_size], known
                )
            return tokens

        sequence[..., step] = predictor.chosen(sequence[..., :step], choose)
    return made
