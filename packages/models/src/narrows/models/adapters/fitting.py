"""From the content of a file to adapters of a model's layers: every tensor must find its layer and fit it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from narrows.models.adapters.attach import base_weight
from narrows.models.adapters.bases import Bases, chosen_bases
from narrows.models.adapters.content import AdapterContent, LayerContent
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.kinds import KINDS
from narrows.models.adapters.layer import LayerAdapter, as_matrix
from narrows.models.adapters.targets import file_name, layers, parts

SHOWN = 8
"""Names in a message."""


def fitted(
    model: nn.Module, content: AdapterContent, path: str, bases: Mapping[str, Bases] | None = None
) -> dict[str, LayerAdapter]:
    """The adapters of a model's layers, with the values of a file, not attached.

    Args:
        model: the base.
        content: of the file.
        path: of the file, for messages.
        bases: singular vectors by the names of layers, for `-xs` kinds whose file has none; None computes them.

    Raises:
        AdapterError: a name is of no layer, or a tensor has another shape than its layer needs.
    """
    places = found_layers(model, content.layers, path)
    own = layers(model)
    made, wrong = {}, []
    for name, layer in content.layers.items():
        place = places[name]
        weight = as_matrix(base_weight(own[place]))
        problem = _misfit(content.kind, layer, weight)
        if problem is not None:
            wrong.append(f"  {name}: {problem}")
            continue
        vectors = _vectors(content.kind, layer)
        if vectors is None and bases is not None and KINDS[content.kind].update == "singular_core":
            vectors = chosen_bases(bases, place, file_name(model, place), weight, layer.rank)
        adapter = LayerAdapter(weight, content.kind, layer.rank, layer.scale, bases=vectors)
        adapter.load(layer.tensors)
        made[place] = adapter.eval().requires_grad_(False)
    if wrong:
        more = f"\n  and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise AdapterError(f"{path} is of another model:\n" + "\n".join(wrong[:SHOWN]) + more)
    return made


def found_layers(model: nn.Module, names: Sequence[str] | Mapping[str, Any], path: str) -> dict[str, str]:
    """The layers of a model that the names of a file mean.

    A name is that of a layer within its part, or in the whole model, or any end of it that only one layer has; with
    dots, or underscores in their place.

    Raises:
        AdapterError: a name is of no layer; the nearest are named.
    """
    own = layers(model)
    ends = _ends(own)
    found, lost = {}, []
    for name in names:
        place = _place(model, name, own, ends)
        if place is None:
            lost.append(name)
        else:
            found[name] = place
    if lost:
        raise AdapterError(_lost(path, lost, len(names), [file_name(model, name) for name in own]))
    place, count = Counter(found.values()).most_common(1)[0]
    if count > 1:
        raise AdapterError(f"{path} has several adapters for {place}")
    return found


def _place(model: nn.Module, name: str, own: Mapping[str, nn.Module], ends: Mapping[str, list[str]]) -> str | None:
    for part in parts(model):
        if f"{part}.{name}".strip(".") in own:
            return f"{part}.{name}".strip(".")
    if name in own:
        return name
    # A prefix that another program has put in front is cut off, piece by piece.
    pieces = name.split(".")
    for start in range(len(pieces)):
        candidates = ends.get(_plain(".".join(pieces[start:])), [])
        if len(candidates) == 1 and start < max(1, len(pieces) - 1):
            return candidates[0]
    return None


def _ends(own: Mapping[str, nn.Module]) -> dict[str, list[str]]:
    """The layers whose name ends so, by ends of names without dots."""
    found: dict[str, list[str]] = {}
    for name in own:
        pieces = name.split(".")
        for start in range(len(pieces)):
            found.setdefault(_plain(".".join(pieces[start:])), []).append(name)
    return found


def _plain(name: str) -> str:
    return name.replace(".", "_")


def _lost(path: str, lost: Sequence[str], total: int, known: Sequence[str]) -> str:
    lines = [f"{path}: {len(lost)} of its {total} layers are none of this model's:"]
    for name in lost[:SHOWN]:
        close = difflib.get_close_matches(name, known, 1, 0.6)
        lines.append(f"  {name}" + (f" (nearest: {close[0]})" if close else ""))
    if len(lost) > SHOWN:
        lines.append(f"  and {len(lost) - SHOWN} more")
    if len(lost) == total:
        lines.append(f"  The model's are called like {known[0]}: the adapter is of another model" if known else "")
    return "\n".join(lines)


def _misfit(kind: str, layer: LayerContent, weight: Tensor) -> str | None:
    """What does not fit a weight `(O, I)`; None where all does."""
    rows, columns = weight.shape
    rank = layer.rank
    wanted = {
        "lora_A": (rank, columns),
        "lora_B": (rows, rank),
        "M_xs": (rank, rank),
        "magnitude": (rows,) if "rows" in KINDS[kind].axes else (columns,),
        "magnitude_r": (rows,),
        "magnitude_c": (columns,),
    }
    for name in sorted(KINDS[kind].tensors):
        given = tuple(layer.tensors[name].shape)
        if given != wanted[name]:
            return f"{name} is {given}, but its layer, of the weight {(rows, columns)}, needs {wanted[name]}"
    return None


def _vectors(kind: str, layer: LayerContent) -> Bases | None:
    has = KINDS[kind].update == "singular_core" and {"U", "V"} <= layer.tensors.keys()
    return (layer.tensors["U"], layer.tensors["V"]) if has else None
