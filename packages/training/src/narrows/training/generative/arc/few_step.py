"""What a model distilled to few steps is sampled with: written into its document, so that nobody has to know."""

from __future__ import annotations

from typing import Any

from narrows.configs import GenerationDefaults

FEW_STEPS = {"sampler": "pingpong", "steps": 8, "cfg_scale": 1.0}
"""After the paper and stable-audio-tools; guidance is in the weights already."""


def sampled_in_few_steps(config: Any) -> Any:
    """A model file whose `generation` says how a model of adversarial post-training is sampled; others as they are.

    What the section says already stays.
    """
    if getattr(config.training, "arc", None) is None:
        return config
    given = {} if config.generation is None else config.generation.model_dump(exclude_none=True)
    return config.model_copy(update={"generation": GenerationDefaults(**{**FEW_STEPS, **given})})
