"""The families of components: which field selects the type, and how errors call them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, ForwardRef, get_args

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Family:
    """A discriminated union of the schemas."""

    name: str
    """File name of the union in `schemas-json/`, without ending."""
    noun: str
    """How messages call a member: `type must be specified in {noun} config`."""
    tag: str = "type"
    """Field that selects the member."""

    @property
    def union(self) -> Any:
        """The generated union, e.g. `BottleneckConfig`."""
        module = import_module(f"narrows.configs._generated.{self.name}")
        return getattr(module, "".join(word.title() for word in self.name.split("_")) + "Config")

    @property
    def members(self) -> dict[str, type]:
        """Member classes by tag."""
        members = get_args(get_args(self.union.__value__)[0]) or (get_args(self.union.__value__)[0],)
        return {tag: m for m in map(resolved, members) for tag in get_args(m.model_fields[self.tag].annotation)}

    @property
    def tags(self) -> list[str]:
        """Known values of the tag."""
        return list(self.members)

    @cache  # noqa: B019  a handful of module-level instances
    def adapter(self) -> TypeAdapter[Any]:
        """Validator of the union."""
        return TypeAdapter(self.union)


def resolved(member: Any) -> Any:
    """A class, where the generated code names it before it is defined (schemas that contain themselves)."""
    if isinstance(member, ForwardRef):
        return getattr(import_module("narrows.configs._generated"), member.__forward_arg__)
    return member


FAMILIES = {
    family.name: family
    for family in (
        Family("model", "model", "model_type"),
        Family("dataset", "dataset", "dataset_type"),
        Family("experiment", "experiment", "experiment"),
        Family("encoder", "encoder"),
        Family("decoder", "decoder"),
        Family("bottleneck", "bottleneck"),
        Family("pretransform", "pretransform"),
        Family("optimizer", "optimizer"),
        Family("scheduler", "scheduler"),
    )
}


def family_at(key: str, tags: list[str]) -> Family | None:
    """The family of a union that failed: by the key it stands under, else by its tags.

    Pydantic's errors name the tags but not the union, and encoder and decoder have the same tags.
    """
    named = FAMILIES.get(key)
    if named and set(named.tags) == set(tags):
        return named
    return next((family for family in FAMILIES.values() if set(family.tags) == set(tags)), None)
