"""What autograd keeps of a batch while a model is trained, from its configuration alone.

Tensors are fake: they have a device, so that the kernels of that device are chosen, but no memory.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from narrows.models.components import Config
from narrows.models.diffusion.generation.lengths import frames_of
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.factory import create_model_from_config
from narrows.models.inspection import FLOAT_BYTES, inspect_model, saved_bytes
from narrows.models.inspection_of_generators import SECONDS, conditions_of

DIFFUSION = ("diffusion_uncond", "diffusion_cond", "diffusion_cond_inpaint")


def batch_activations(config: Any, items: int, device: str = "cpu") -> int | None:
    """Bytes that autograd keeps of a batch of items as long as the training crop, in float32.

    Args:
        config: a typed model configuration.
        items: of the batch.
        device: `cpu` or `cuda`, whose kernels count; it need not be there.

    Returns:
        None where that is not known.
    """
    if config.model_type == "lm":
        return None  # its networks look at the numbers of the codes, which fake tensors have not
    if config.model_type not in DIFFUSION:
        facts = inspect_model(config)
        weights = FLOAT_BYTES * facts.parameters["total"]
        return None if facts.training_memory is None else items * (facts.training_memory - 4 * weights)
    return _of_network(config, items, device)


def _of_network(config: Config, items: int, device: str) -> int:
    with torch.device("meta"):
        model: Any = create_model_from_config(config).train()
    with FakeTensorMode(allow_non_fake_inputs=True), torch.device(device):
        model = model.to_empty(device=device)
        with saved_bytes() as saved:
            _run(model, items)
    return sum(saved.values())


def _run(model: DiffusionModel, items: int) -> Tensor:
    frames = frames_of(model, model.sample_size or SECONDS * model.sample_rate)
    x, t = torch.empty(items, model.io_channels, frames), torch.empty(items)
    predicted: Tensor = model.predict(x, t, model.get_conditioning_inputs(conditions_of(model, frames, items)))
    return (predicted - x).square().mean()
