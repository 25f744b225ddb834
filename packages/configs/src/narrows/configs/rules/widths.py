"""How wide the conditions of a model are, and where they enter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.configs.rules.roles import fact

if TYPE_CHECKING:
    from pydantic import BaseModel

    from narrows.configs._generated.conditioning import ConditioningConfig

RESERVED = ("inpaint_mask", "inpaint_masked_input")
"""Conditions that the inpainting brings: ids of no conditioner."""


@dataclass(frozen=True)
class Slot:
    """A place where conditions enter a backbone."""

    ids: str
    """The list of conditioner ids."""
    role: str
    """Role of the backbone's option that says how wide it is."""
    added_up: bool
    """Whether the widths of all conditions add up; otherwise each is as wide."""
    takes: tuple[str, ...]
    """What conditioners may give here (the fact `x-output`)."""


SLOTS = (
    Slot("cross_attention_cond_ids", "cross-width", False, ("tokens", "vector")),
    Slot("global_cond_ids", "global-width", True, ("vector",)),
    Slot("prepend_cond_ids", "prepend-width", False, ("tokens", "vector")),
    Slot("sum_cond_ids", "sum-width", False, ("vector",)),
    Slot("input_concat_ids", "concat-width", True, ("frames",)),
    Slot("local_add_cond_ids", "local-width", True, ("frames",)),
)


def conditioners(conditioning: ConditioningConfig | None) -> dict[str, BaseModel]:
    """The conditioners of a model by id."""
    return {conditioner.id: conditioner for conditioner in conditioning.configs} if conditioning else {}


def output_kind(conditioner: BaseModel) -> str:
    """What a conditioner gives: one `vector` an item, `tokens`, or `frames` in step with the latents."""
    if getattr(conditioner.config, "use_text_features", False):  # type: ignore[attr-defined]
        return "tokens"
    if getattr(conditioner.config, "pooling", "none") != "none":  # type: ignore[attr-defined]
        return "vector"
    return str(fact(conditioner, "x-output", "vector"))


def output_width(conditioner: BaseModel, conditioning: ConditioningConfig) -> int:
    """How wide what a conditioner gives is."""
    return conditioner.config.output_dim or conditioning.cond_dim  # type: ignore[attr-defined]


def slots(block: BaseModel) -> Iterator[tuple[Slot, list[str]]]:
    """The places of a `diffusion` or `lm` block with the ids given for each."""
    for slot in SLOTS:
        if hasattr(block, slot.ids):
            yield slot, getattr(block, slot.ids)
