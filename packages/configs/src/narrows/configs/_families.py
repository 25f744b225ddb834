"""The families of components: which field selects the type, and how errors call them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from narrows.configs._lazy import GENERATED, Tagged
from narrows.configs._types import alternatives


@dataclass(frozen=True)
class Family:
    """A union of the schemas, told apart by a field."""

    name: str
    """File name of the union in `schemas-json/`, without ending."""
    noun: str
    """How messages call a member: `type must be specified in {noun} config`."""
    tag: str = "type"
    """Field that selects the member."""

    @property
    def title(self) -> str:
        """Title of the schema, e.g. `BottleneckConfig`."""
        return "".join(word.title() for word in self.name.split("_")) + "Config"

    @property
    def union(self) -> Any:
        """The generated union, e.g. `BottleneckConfig`."""
        return getattr(import_module(f"{GENERATED}.{self.name}"), self.title)

    @property
    def tagged(self) -> Tagged:
        """What validates an object by its tag."""
        return next(part for part in alternatives(self.union) if isinstance(part, Tagged))

    @property
    def members(self) -> dict[str, Any]:
        """Member classes by tag."""
        return {tag: self.tagged.member(tag) for tag in self.tags}

    @property
    def tags(self) -> list[str]:
        """Known values of the tag."""
        return self.tagged.tags


FAMILIES = {
    family.name: family
    for family in (
        Family("model", "model", "model_type"),
        Family("dataset", "dataset", "dataset_type"),
        Family("experiment", "experiment", "experiment"),
        Family("encoder", "encoder"),
        Family("decoder", "decoder"),
        Family("bottleneck", "bottleneck"),
        Family("library_quantizer", "quantizer", "quantizer"),
        Family("pretransform", "pretransform"),
        Family("discriminator", "discriminator"),
        Family("diffusion", "diffusion"),
        Family("conditional_diffusion", "diffusion"),
        Family("unconditional_diffusion", "diffusion"),
        Family("conditioner", "conditioner"),
        Family("language_model", "lm"),
        Family("codebook_pattern", "codebook pattern"),
        Family("sampler", "sampler"),
        Family("schedule", "schedule"),
        Family("spectral_encoder", "encoder"),
        Family("spectral_decoder", "decoder"),
        Family("optimizer", "optimizer"),
        Family("scheduler", "scheduler"),
    )
}


def noun_of(title: str) -> str:
    """How messages call a member of the union with a title."""
    for family in FAMILIES.values():
        if family.title == title:
            return family.noun
    return " ".join(re.findall("[A-Z][a-z0-9]*|[A-Z]+", title.removesuffix("Config"))).lower() or "component"
