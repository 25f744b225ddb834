"""DDIM with CFG++ (Chung et al. 2024): the clean signal is guided, the noise is that without conditions."""

from __future__ import annotations

from functools import partial

from narrows.models.diffusion.samplers.base import Sampler
from narrows.models.diffusion.samplers.v_ddim import ddim

SAMPLER = Sampler("time", partial(ddim, cfgpp=True), options=("eta",), schedule="linear", heeds_shift=True)
