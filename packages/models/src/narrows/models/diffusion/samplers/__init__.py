"""Samplers: from noise to a signal, step by step along the predictions of a model; one file a sampler, named after it.

A sampler is a generator of steps over the levels of a schedule, given a model and a source of noise. `sample` runs one.
"""

from __future__ import annotations

from narrows.models.diffusion.samplers.base import Predict, SamplerError, Step
from narrows.models.diffusion.samplers.sampling import sample, sample_steps

__all__ = ["Predict", "SamplerError", "Step", "sample", "sample_steps"]
