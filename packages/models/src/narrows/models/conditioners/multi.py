"""All conditioners of a model together: from the metadata of a batch to embeddings by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from narrows.models.conditioners.base import Condition, Conditioner, ConditionError, Generators, stacked
from narrows.models.conditioners.cache import EmbeddingCache

Metadata = Mapping[str, Any]


class MultiConditioner(nn.Module):
    """Runs every conditioner on the metadata of a batch (stable-audio-tools).

    Args:
        conditioners: by id, which is also the metadata key that each reads.
        default_keys: key to read instead where an item does not have that of a conditioner, by id.
        pre_encoded_keys: ids whose metadata holds the embeddings already.
        cache: keeps what frozen encoders made of a text; a small one in memory by default.
    """

    # `conditioners` is part of the checkpoint format.
    def __init__(
        self,
        conditioners: Mapping[str, Conditioner],
        default_keys: Mapping[str, str] | None = None,
        pre_encoded_keys: Sequence[str] = (),
        cache: EmbeddingCache | None = None,
    ) -> None:
        super().__init__()
        self.conditioners = nn.ModuleDict(conditioners)
        self.default_keys = dict(default_keys or {})
        self.pre_encoded_keys = list(pre_encoded_keys)
        self.cache: EmbeddingCache | None = None
        self.use_cache(EmbeddingCache() if cache is None else cache)

    @property
    def ids(self) -> list[str]:
        """Ids of the conditioners, in the order of the configuration."""
        return list(self.conditioners)

    @property
    def output_dims(self) -> dict[str, int]:
        """Width of what each conditioner gives, by id."""
        return {name: conditioner.output_dim for name, conditioner in self.items()}

    @property
    def frozen_parameters(self) -> dict[str, int | None]:
        """Parameters of frozen networks outside the state dict, by id; None where only their files could tell."""
        return {name: conditioner.frozen_parameters for name, conditioner in self.items()}

    def items(self) -> list[tuple[str, Conditioner]]:
        """Ids and conditioners."""
        return [(name, module) for name, module in self.conditioners.items() if isinstance(module, Conditioner)]

    def forward(
        self,
        batch_metadata: Sequence[Metadata],
        device: torch.device | str | None = None,
        generator: Generators = None,
    ) -> dict[str, Condition]:
        """Embeddings and masks by id, as leniently as the references.

        Numbers out of range are clamped, unknown words of a list share one vector, keys that no conditioner reads are
        ignored; `check_request` is stricter. A list of one element stands for the element.

        Args:
            batch_metadata: a mapping an item.
            device: where to compute; that of the parameters by default.
            generator: source of draws of pretransforms that draw; one, or one an item.

        Raises:
            ConditionError: the batch is empty, or an item lacks a condition or has one that cannot be used.
        """
        if not batch_metadata:
            raise ConditionError("A batch of conditions must have at least one item")
        device = self._device() if device is None else torch.device(device)
        tensors = {}
        for name, conditioner in self.items():
            values = [self._value(item, index, name) for index, item in enumerate(batch_metadata)]
            if name in self.pre_encoded_keys:
                tensors[name] = Condition(stacked(values, device, f"Encoded conditions {name!r}"), None)
            else:
                tensors[name] = self._run(name, conditioner, values, device, generator)
        return tensors

    def key_of(self, item: Metadata, name: str) -> str | None:
        """The key of an item that a conditioner reads: its id, else its default key; None where both are missing."""
        return next((key for key in (name, self.default_keys.get(name)) if key is not None and key in item), None)

    def use_cache(self, cache: EmbeddingCache | None) -> None:
        """Keep what frozen encoders make of texts in this cache; None to encode every time."""
        self.cache = cache
        for _, conditioner in self.items():
            conditioner.cache = cache

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """Free frozen encoders; they load again at the next call.

        Args:
            keep_on: device where they wait instead, e.g. `cpu`; None to drop them.
        """
        for _, conditioner in self.items():
            conditioner.release(keep_on)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _run(
        self, name: str, conditioner: Conditioner, values: list[Any], device: torch.device, generator: Generators
    ) -> Condition:
        try:
            condition: Condition = conditioner(values, device, generator)
        except ConditionError as error:
            raise ConditionError(f"Condition {name!r}: {error}") from error
        return condition

    def _value(self, item: Metadata, index: int, name: str) -> Any:
        key = self.key_of(item, name)
        if key is None:
            fallback = self.default_keys.get(name)
            also = f", nor the {fallback!r} that may stand for it" if fallback else ""
            given = ", ".join(str(key) for key in item) or "nothing"
            raise ConditionError(f"Item {index} has no condition {name!r}{also}; it has: {given}")
        return unwrapped(item[key])

    def _device(self) -> torch.device:
        tensors = (*self.parameters(), *self.buffers())
        return tensors[0].device if tensors else torch.device("cpu")


def unwrapped(value: Any) -> Any:
    """A value out of the list of one element that collating may have put it in."""
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
