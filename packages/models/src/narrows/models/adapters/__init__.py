"""Adapters: small sets of weights that change a trained model, for style, sound or domain.

kinds           the table of kinds: an update of low rank (`updates`), and trained norms (`magnitudes`)
layer           the adapter of one weight, a parametrization of its layer
targets         which layers can have one
attach          putting adapters in, taking them out, writing them into the weights
content, files  what a file holds, and reading and writing it; a layout each in `formats`
fitting         from the names of a file to the layers of a model, strictly
report          what an adapter changes; one that changes nothing is refused
use             files with strengths and noise levels, one behind the other
"""

from __future__ import annotations

from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.files import read_adapter, write_adapter, write_peft
from narrows.models.adapters.kinds import KINDS
from narrows.models.adapters.report import EffectReport
from narrows.models.adapters.use import AdapterUse, adapters_used, apply_adapters, load_adapters

__all__ = [
    "KINDS",
    "AdapterError",
    "AdapterUse",
    "EffectReport",
    "adapters_used",
    "apply_adapters",
    "load_adapters",
    "read_adapter",
    "write_adapter",
    "write_peft",
]
