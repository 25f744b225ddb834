"""`load_checkpoint`: strict loading of weights from any accepted file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from narrows.models.checkpoints.codebooks import adapt_codebooks
from narrows.models.checkpoints.errors import CheckpointError, mismatch
from narrows.models.checkpoints.finite_scan import FiniteScan, not_finite
from narrows.models.checkpoints.folded import unfold_weight_norm
from narrows.models.checkpoints.kinds import check_finite, check_kinds
from narrows.models.checkpoints.names import from_file, to_file
from narrows.models.checkpoints.projections import adapt_projections
from narrows.models.checkpoints.reading import read_tensors, weights_of
from narrows.models.checkpoints.recipes import check_recipe
from narrows.models.checkpoints.snakes import adapt_snakes
from narrows.models.checkpoints.sources import Weights, choose
from narrows.models.checkpoints.wrappers import unwrap, unwrapped, unwrapped_name

__all__ = ["LoadReport", "constants", "load_checkpoint", "load_content", "read_tensors"]


@dataclass(frozen=True)
class LoadReport:
    """Report of a loaded checkpoint."""

    path: str
    source: str
    """Whose layout the file has, e.g. `EnCodec`."""
    weights: Weights
    """Whether the moving average was taken or the weights that training changed; `raw` where there is one kind."""
    tensors: int
    """Tensors loaded: all of the model's."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Tensors of the file that are no part of the model, and why."""

    def __str__(self) -> str:
        """One line: what was taken, and what was left for which reason."""
        kind = "moving average" if self.weights == "ema" else "weights"
        reasons = Counter(self.dropped.values()).most_common()
        left = "".join(f"; left out {count} ({reason})" for reason, count in reasons)
        return f"{self.path}: {self.source}, {kind}, {self.tensors} tensors{left}"


def load_checkpoint(model: nn.Module, path: str | Path, prefer: Weights = "ema") -> LoadReport:
    """Load weights into a model, which is in evaluation mode then, or into a part; every tensor must fit.

    Args:
        model: any model of `create_model_from_config`.
        path: .safetensors, a folder of `save_model`, transformers or diffusers, an index of shards, or a pickle (.ckpt,
            .pt, .pth, .th), which is read without running any code. The first bytes decide, not the name. The layouts
            are those of this library, stable-audio-tools (exported, and Lightning checkpoints of its wrappers),
            descript-audio-codec and EnCodec; see `narrows.models.checkpoints.sources`.
        prefer: `ema` or `raw`, for files that have both.

    Raises:
        CheckpointError: the file cannot be read; a tensor is missing, left over, of another shape or kind, or not
            finite; or a `config.json` beside it describes another model. The model is unchanged then.
    """
    check_recipe(unwrap(model), Path(path))
    return load_content(model, read_tensors(Path(path)), str(path), prefer)


def load_content(
    model: nn.Module, content: dict[str, Any], path: str, prefer: Weights = "ema", scan: FiniteScan | None = None
) -> LoadReport:
    """As `load_checkpoint`, from the content of a file; `path` is for messages.

    Args:
        model: as there.
        content: of the file.
        path: as there.
        prefer: as there.
        scan: that of `scanning(content)`, where the content was looked at while the model was built.
    """
    inner = unwrap(model)
    state = inner.state_dict()
    if any(tensor.is_meta for tensor in state.values()):
        raise CheckpointError(f"{path} cannot be loaded into a model on the meta device: build the model on a real one")
    expected = to_file(unwrapped(state))
    # Both spellings of normalised weights become that of files, so that messages name what the file has.
    reading = choose(to_file(weights_of(content, expected)), expected, prefer)
    if not reading.tensors:
        raise CheckpointError(f"{path} holds no weights; {_keys(content)}")
    adapted = adapt_snakes(adapt_projections(adapt_codebooks(reading.tensors, expected), expected), expected)
    given = unfold_weight_norm(adapted, expected)
    own = unwrapped(state)
    given = {**to_file({name: own[name] for name in map(unwrapped_name, constants(inner))}), **given}
    error = mismatch(path, expected, given, reading.origins, reading.layout.hints)
    if error is not None:
        raise error
    check_kinds(path, expected, given)
    find = not_finite if scan is None else scan.not_finite
    check_finite(path, expected, given, find(given.values()))
    named = from_file(given)
    inner.load_state_dict({name: named[unwrapped_name(name)] for name in state}, strict=True)
    # What training changes in `forward`, such as codebooks, stays as it was loaded; training calls `train()`. A part
    # that was built alone keeps the mode that its caller chose.
    if hasattr(inner, "config"):
        model.eval()
    return LoadReport(path, reading.layout.program, reading.layout.weights, len(given), reading.dropped)


def _keys(content: dict[str, Any]) -> str:
    """What a file has instead of weights."""
    names = [f"{name} ({type(value).__name__})" for name, value in list(content.items())[:10]]
    return f"its keys are {', '.join(names)}" if names else "it is empty"


def constants(model: nn.Module) -> list[str]:
    """Buffers that follow from a module's options alone; a file may leave them out.

    A module names its own in a class attribute `constants`.
    """
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, module in model.named_modules()
        for name in getattr(module, "constants", ())
        if name in module._buffers
    ]
