"""From a `conditioning` section to the conditioners of a generative model."""

from __future__ import annotations

from importlib import import_module

from narrows.configs import ConditioningConfig, load_part
from narrows.models.components import Config
from narrows.models.conditioners import MultiConditioner, build_conditioner
from narrows.models.pretransforms import Pretransform


def create_multi_conditioner_from_conditioning_config(
    config: Config, pretransform: Pretransform | None = None
) -> MultiConditioner:
    """Build the conditioners of a `conditioning` section.

    Args:
        config: a typed configuration, a dictionary or the path of a file. Relative paths in it count from the
            working directory.
        pretransform: the model's, for conditioners with `use_model_pretransform`.
    """
    typed = load_part(config, ConditioningConfig)
    conditioners = {}
    for conditioner in typed.configs:
        import_module(f"narrows.models.conditioners.{conditioner.type}")
        conditioners[conditioner.id] = build_conditioner(conditioner, typed.cond_dim, pretransform)
    return MultiConditioner(conditioners, typed.default_keys, typed.pre_encoded_keys)
