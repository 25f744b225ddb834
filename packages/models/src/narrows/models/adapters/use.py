"""Using adapters: which files, how strongly, and where; several act one behind the other.

Of LoRA the order makes no difference. Kinds with norms give the rows or columns of what they see their own norms, so
that what stands before them counts by its direction only, as in stable-audio-3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from torch import nn

from narrows.models.adapters.attach import attach, detach, merge
from narrows.models.adapters.bases import read_bases
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.files import read_adapter
from narrows.models.adapters.fitting import fitted
from narrows.models.adapters.layer import LayerAdapter
from narrows.models.adapters.report import EffectReport, effect_report
from narrows.models.adapters.targets import file_name, matches
from narrows.models.codec.identity import identified_by, model_hash, remember_hash

ALWAYS = (0.0, 1.0)
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
TEXT = re.compile(rf"(?P<path>.+?)(?:[=:](?P<strength>{NUMBER})(?::(?P<low>{NUMBER})-(?P<high>{NUMBER}))?)?")

NO_NUMBER = re.compile(r"(?P<path>.+?)[=:](?P<strength>[-+]?(?:nan|inf(?:inity)?))(?::.*)?", re.IGNORECASE)
"""What floats are written like too, and no strength is."""


@dataclass(frozen=True)
class AdapterUse:
    """An adapter, and how it is used.

    Raises:
        AdapterError: the interval is none, or a strength is not finite.
    """

    path: str | Path
    strength: float = 1.0
    """Of the update; 0 leaves the base as it is, exactly."""
    interval: tuple[float, float] = ALWAYS
    """Lowest and highest noise level at which it acts on the network of a diffusion model; on conditioners it always
    does."""
    conditioner_strength: float | None = None
    """Of the part in the conditioners; None for `strength`."""
    without: tuple[str, ...] = ()
    """Parts of names of layers that it leaves alone, e.g. `layers.[0-5].`."""
    svd_bases: str | Path | None = None
    """File of singular vectors, for `-xs` kinds; None computes them."""

    def __post_init__(self) -> None:
        if not isfinite(self.strength) or not isfinite(self.conditioner_strength or 0.0):
            raise AdapterError(f"{self.path}: the strength must be a finite number, got {self.strength:g}")
        low, high = self.interval
        if not 0 <= low <= high <= 1:
            raise AdapterError(f"{self.path}: the interval {low:g}-{high:g} must rise and lie in 0 to 1")

    @staticmethod
    def parse(text: str) -> AdapterUse:
        """`FILE`, `FILE=0.8`, or `FILE=0.8:0-0.95` with the noise levels at which it acts; `:` may stand for `=`."""
        odd = NO_NUMBER.fullmatch(text)
        if odd is not None and not Path(text).exists():
            raise AdapterError(f"{odd['path']}: the strength must be a finite number, got {odd['strength']!r}")
        found = TEXT.fullmatch(text)
        if found is None:
            raise AdapterError(f"An adapter is FILE, FILE=STRENGTH or FILE=STRENGTH:FROM-TO, got {text!r}")
        strength = float(found["strength"] or 1.0)
        interval = ALWAYS if found["low"] is None else (float(found["low"]), float(found["high"]))
        return AdapterUse(found["path"], strength, interval)


Use = AdapterUse | str | Path


@dataclass(frozen=True)
class Loaded:
    """An adapter that fits a model."""

    use: AdapterUse
    adapters: dict[str, LayerAdapter]
    report: EffectReport


def load_adapters(model: nn.Module, uses: Sequence[Use]) -> list[Loaded]:
    """Read adapters and measure their effect, each on the bare model; nothing is changed.

    Args:
        model: the base.
        uses: files, or how they are used; a text is read as `AdapterUse.parse` does.

    Raises:
        AdapterError: a file is no adapter, does not fit the model, or changes nothing.
    """
    base = model_hash(model)
    return [_loaded(model, base, _typed(use)) for use in uses]


def apply_adapters(model: Any, uses: Sequence[Use]) -> list[EffectReport]:
    """Use adapters in a model, in place and in their order.

    They are written into the weights, unless one acts at some noise levels only: then all are attached, and act on the
    weights at each call. The hash of the model (`model_hash`) stays that of the base.

    Args:
        model: the base, not prepared for inference.
        uses: as for `load_adapters`.

    Raises:
        AdapterError: as `load_adapters`, or an interval is given for a model without noise levels.
    """
    loaded = load_adapters(model, uses)
    if not loaded:
        return []
    remember_hash(model)
    if any(one.use.interval != ALWAYS for one in loaded):
        _attach(model, loaded)
    else:
        for one in loaded:
            merge(identified_by(model), one.adapters)
    return [one.report for one in loaded]


@contextmanager
def adapters_used(model: Any, uses: Sequence[Use]) -> Iterator[list[EffectReport]]:
    """Inside, adapters act on a model; afterwards it is the base again, exactly."""
    loaded = load_adapters(model, uses)
    _attach(model, loaded)
    try:
        yield [one.report for one in loaded]
    finally:
        for one in reversed(loaded):
            detach(identified_by(model), one.adapters)
        _backbone(model).timed_adapters = ()


def _loaded(model: nn.Module, base: str, use: AdapterUse) -> Loaded:
    content = read_adapter(use.path)
    inner = identified_by(model)
    bases = None if use.svd_bases is None else read_bases(Path(use.svd_bases))
    adapters = fitted(inner, content, str(use.path), bases)
    told = "unknown" if content.base is None else "same" if content.base == base else "other"
    report = effect_report(inner, adapters, str(use.path), content.source, told)  # type: ignore[arg-type]
    kept = {name: one for name, one in adapters.items() if not matches(file_name(inner, name), use.without)}
    for name, adapter in kept.items():
        in_conditioner = name.startswith("conditioner.") and use.conditioner_strength is not None
        adapter.strength = use.conditioner_strength if in_conditioner else use.strength  # type: ignore[assignment]
    return Loaded(use, kept, report)


def _typed(use: Use) -> AdapterUse:
    if isinstance(use, AdapterUse):
        return use
    return AdapterUse.parse(use) if isinstance(use, str) else AdapterUse(use)


def _attach(model: Any, loaded: Sequence[Loaded]) -> None:
    timed = [one for one in loaded if one.use.interval != ALWAYS]
    backbone = _backbone(model)
    if timed and not hasattr(backbone, "objective"):
        raise AdapterError(f"{timed[0].use.path}: an interval of noise levels is for diffusion models: leave it out")
    for one in loaded:
        attach(identified_by(model), one.adapters)
    backbone.timed_adapters = tuple(
        (one.use.interval, tuple(a for name, a in one.adapters.items() if not name.startswith("conditioner.")))
        for one in timed
    )


def _backbone(model: Any) -> Any:
    """The network whose calls have a noise level; the model itself where there is none."""
    found = getattr(model, "model", None)
    return found if hasattr(found, "objective") else model
