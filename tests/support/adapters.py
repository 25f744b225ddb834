"""Small models with weights that are not zero anywhere, and adapters for them."""

from __future__ import annotations

from typing import Any

import torch
from support.diffusion_cases import FRAMES, diffusion_model
from torch import Tensor

from narrows.models import create_model_from_config
from narrows.models.adapters.content import AdapterContent, content_of
from narrows.models.adapters.kinds import kind_name
from narrows.models.adapters.layer import LayerAdapter
from narrows.models.adapters.targets import chosen, file_name


def base_model(seed: int = 0, **diffusion: Any) -> Any:
    """A conditional diffusion transformer, in evaluation mode."""
    torch.manual_seed(seed)
    model = create_model_from_config(diffusion_model(diffusion=diffusion or None))
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return model.eval()


def new_adapters(model: Any, kind: str = "lora", rank: int = 4, **options: Any) -> dict[str, LayerAdapter]:
    """Untrained adapters of all layers."""
    include = options.pop("include", None)
    full = kind_name(kind)
    return {name: LayerAdapter(layer.weight, full, rank, **options) for name, layer in chosen(model, include).items()}


def trained(adapters: dict[str, LayerAdapter], seed: int = 1, size: float = 0.02) -> dict[str, LayerAdapter]:
    """The same, moved away from where they started."""
    generator = torch.Generator().manual_seed(seed)
    for adapter in adapters.values():
        for parameter in adapter.parameters():
            parameter.data += size * torch.randn(parameter.shape, generator=generator)
    return adapters


def content(model: Any, adapters: dict[str, LayerAdapter], **more: Any) -> AdapterContent:
    """The content of their file."""
    return content_of({file_name(model, name): adapter for name, adapter in adapters.items()}, **more)


@torch.no_grad()
def predicted(model: Any, times: tuple[float, ...] = (0.3, 0.7), **options: Any) -> Tensor:
    """What a model says of noise at some times, with conditions."""
    x = torch.randn(len(times), model.io_channels, FRAMES, generator=torch.Generator().manual_seed(0))
    conditions = model.conditioner([{"class": 1, "seconds_total": 0.1}] * len(times), "cpu")
    return model(x, torch.tensor(times), conditions, **options)  # type: ignore[no-any-return]
