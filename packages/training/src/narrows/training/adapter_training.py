"""Training of an adapter in place of the model: the base is frozen, and only the adapter is optimised and saved."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import LoRAConfig
from narrows.models import CheckpointError
from narrows.models.adapters import AdapterError, write_adapter
from narrows.models.adapters.attach import attach
from narrows.models.adapters.bases import chosen_bases, read_bases
from narrows.models.adapters.content import content_of
from narrows.models.adapters.kinds import KINDS, kind_name
from narrows.models.adapters.layer import LayerAdapter, as_matrix
from narrows.models.adapters.targets import chosen, file_name, layers, parts
from narrows.models.checkpoints.training_format import ADAPTER_FILE
from narrows.models.codec import model_hash

PRECISIONS = {
    "bf16": torch.bfloat16,
    "bfloat16": torch.bfloat16,
    "fp16": torch.float16,
    "float16": torch.float16,
}
BASE = "adapter_base"
"""Entry of a checkpoint: the hash of the base."""


class AdapterTraining:
    """The adapter of a model, to be trained.

    Args:
        model: the base, with its weights; frozen, and otherwise unchanged until `attach`.
        config: the `lora_config` section.
        base_precision: of the network and the conditioners while training; None keeps it.
        svd_bases_path: file of singular vectors for `-xs` kinds; None computes them.

    Raises:
        AdapterError: no layer is chosen, or the file of singular vectors is of another model.
    """

    def __init__(
        self, model: nn.Module, config: LoRAConfig, base_precision: str | None = None, svd_bases_path: str | None = None
    ) -> None:
        self.config = config
        self.dtype = None if base_precision is None else PRECISIONS[base_precision]
        self.base = model_hash(model)
        self.names = {name: file_name(model, name) for name in layers(model)}
        model.requires_grad_(False)
        self.adapters = self._built(model, None if svd_bases_path is None else Path(svd_bases_path))
        # Names of modules have no dots.
        self.module = nn.ModuleDict({name.replace(".", "/"): one for name, one in self.adapters.items()})

    def attach(self, model: nn.Module) -> None:
        """Give the base its precision, and let the adapter act on it; what is trained stays float32."""
        if self.dtype is not None:
            for part in parts(model):
                model.get_submodule(part).to(self.dtype)
        attach(model, self.adapters)

    def write(self, folder: Path, tensors: Mapping[str, Tensor]) -> None:
        """Write `adapter.safetensors` into a folder.

        Args:
            folder: made where it is missing.
            tensors: by the names of `module`.
        """
        content = content_of(
            {self.names[name]: one for name, one in self.adapters.items()},
            {self.names[name]: _of(tensors, name) for name in self.adapters},
            base=self.base,
            config=self.config.model_dump(mode="json"),
        )
        folder.mkdir(parents=True, exist_ok=True)
        write_adapter(folder / ADAPTER_FILE, content)

    def check_base(self, state: Mapping[str, Any]) -> None:
        """Refuse to go on with a checkpoint of another base.

        Raises:
            CheckpointError: it is.
        """
        if state.get(BASE) != self.base:
            raise CheckpointError(
                "The adapter was trained on another base than the weights of pretrained_ckpt_path and "
                "pretransform_ckpt_path are now: give the files that the run started from"
            )

    def describe(self) -> str:
        """One line."""
        trained = sum(parameter.numel() for parameter in self.module.parameters())
        kind, rank = next(iter(self.adapters.values())).kind, self.config.rank
        return (
            f"adapter {kind} of rank {rank} in {len(self.adapters)} layers: {trained:,} parameters; the base is frozen"
        )

    def _built(self, model: nn.Module, bases_file: Path | None) -> dict[str, LayerAdapter]:
        config, kind = self.config, kind_name(self.config.adapter_type)
        found = chosen(model, config.include, config.exclude)
        if not found:
            raise AdapterError(self._nothing())
        known = {} if bases_file is None or KINDS[kind].update == "low_rank" else read_bases(bases_file)
        scale = (config.rank if config.alpha is None else config.alpha) / config.rank
        made = {}
        for name, layer in found.items():
            weight = as_matrix(layer.weight.detach())  # type: ignore[operator]
            bases = chosen_bases(known, name, self.names[name], weight, config.rank)
            if known and bases is None:
                raise AdapterError(
                    f"{bases_file} has no singular vectors of {name}; `narrows adapter bases` writes all"
                )
            made[name] = LayerAdapter(weight, kind, config.rank, scale, config.dropout, bases=bases)
        return made

    def _nothing(self) -> str:
        """The message where include and exclude leave no layer."""
        names = list(self.names.values())
        lines = ["training.lora_config: include and exclude leave no layer to adapt."]
        for pattern in self.config.include or ():
            close = difflib.get_close_matches(pattern, names, 1, 0.3)
            lines.append(f"  {pattern!r}" + (f" (nearest: {close[0]})" if close else ""))
        return "\n".join([*lines, f"  Layers are called like {names[0]}" if names else "  The model has no layers"])


def _of(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    start = f"{name.replace('.', '/')}."
    return {key.rpartition(".")[2]: value for key, value in tensors.items() if key.startswith(start)}
