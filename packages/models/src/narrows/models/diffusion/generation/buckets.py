"""Which items of several lengths are worked on together, with padding behind the shorter ones.

Letters: L frames that are diffused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from narrows.models.diffusion.generation.lengths import Layout
from narrows.models.diffusion.generation.requests import Item
from narrows.models.diffusion.inpainting import IDS
from narrows.models.diffusion.sampling import makes_own_levels

PADDING = 0.1
"""The most of the frames of a batch that may be padding."""


def paddable(model: Any, item: Item, lengths: Layout) -> bool:
    """Whether an item comes out the same with padding behind it.

    It does where the network masks padding, no condition but those of inpainting has a value a frame, which would be
    stretched over the padding, and the sampler measures no errors, whose means padding would change. Items of other
    audio, and those in windows, stand in batches of their length.
    """
    routing = model.routing
    timed = {*routing.concat, *routing.local, *routing.modular} - set(IDS)
    given = item.init is not None or item.known is not None or lengths.windows is not None
    if not (model.varying_length and model.model.masks_padding) or timed or given:
        return False
    return not makes_own_levels(item.request.sampler, model.diffusion_objective)


def alike(places: Sequence[int], frames: Sequence[int], most: Callable[[int], int]) -> Iterator[list[int]]:
    """Positions of items in batches of like lengths, the shortest first.

    Args:
        places: positions of items.
        frames: L of every item, by position.
        most: items of so many frames that fit in a batch.
    """
    batch: list[int] = []
    total = 0
    for place in sorted(places, key=lambda place: frames[place]):
        longest = frames[place]
        room = longest * (len(batch) + 1)
        if batch and (len(batch) >= most(longest) or room - total - longest > PADDING * room):
            yield sorted(batch)
            batch, total = [], 0
        batch.append(place)
        total += longest
    if batch:
        yield sorted(batch)
