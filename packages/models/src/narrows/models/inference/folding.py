"""Weight normalisation, computed once."""

from __future__ import annotations

from torch import nn
from torch.nn.utils import parametrize

from narrows.models.adapters.attach import adapters_of
from narrows.models.float32_layers import Float32Layer, compute_in_float32, plain_class


def fold_weight_norm(model: nn.Module) -> int:
    """Replace every parametrized weight by its value, in place; weights with adapters, which may change, stay.

    Returns:
        How many there were.
    """
    count = 0
    for module in list(model.modules()):
        if parametrize.is_parametrized(module) and not adapters_of(module):
            count += _fold(module)
    return count


def _fold(module: nn.Module) -> int:
    """Fold the weights of one module.

    Done by hand: torch's `remove_parametrizations` takes the property off the module's class, which copies of the
    module share, so that folding a copy would break the original.
    """
    names = list(module.parametrizations)  # type: ignore[arg-type]
    values = {name: getattr(module, name).detach().clone() for name in names}
    in_float32 = isinstance(module, Float32Layer)
    module.__class__ = plain_class(module).__bases__[0]
    del module.parametrizations
    # Torch's hook for old names of weight norm has nothing to do here, and could not be pickled.
    module._load_state_dict_pre_hooks.clear()
    for name, value in values.items():
        module.register_parameter(name, nn.Parameter(value, requires_grad=False))
    if in_float32:
        compute_in_float32(module)
    return len(names)
