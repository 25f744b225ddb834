"""Codebook patterns: in which order the tokens of several codebooks are predicted; one file a type (AudioCraft)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import singledispatch
from importlib import import_module
from typing import Any, ClassVar

from pydantic import BaseModel
from torch import Tensor

from narrows.configs import Problem, load_config
from narrows.configs.errors import config_error
from narrows.configs.rules.language_models import pattern_mistakes
from narrows.models.lm.patterns.layout import EMPTY, Layout

__all__ = ["EMPTY", "Layout", "Pattern", "build_pattern", "create_pattern"]

KEPT = 32
"""Layouts that a pattern keeps, for as many lengths."""


class Pattern(ABC):
    """An order of tokens for any number of frames.

    Args:
        codebooks: tokens a frame (K).
    """

    is_streamable: ClassVar[bool] = True
    """Whether the first frames are complete before the last ones begin. If not, the layout of a frame depends on how
    many frames there are, and a model works only at lengths that it was trained at."""

    def __init__(self, codebooks: int) -> None:
        self.codebooks = codebooks
        self._layouts: dict[int, Layout] = {}

    def layout(self, frames: int) -> Layout:
        """The layout of a number of frames (T), at least 1."""
        if frames < 1:
            raise ValueError(f"A layout needs at least one frame, got {frames}")
        if frames not in self._layouts:
            if len(self._layouts) >= KEPT:
                self._layouts.pop(next(iter(self._layouts)))
            self._layouts[frames] = Layout(self._frames(frames), frames)
        return self._layouts[frames]

    @abstractmethod
    def _frames(self, length: int) -> Tensor:
        """`(S, K)`: the frame of each codebook at each step, or `EMPTY`; nothing at step 0."""


@singledispatch
def build_pattern(config: Any, codebooks: int) -> Pattern:
    """Build the pattern of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def create_pattern(config: Mapping[str, Any] | BaseModel | str, codebooks: int) -> Pattern:
    """Build a pattern.

    Args:
        config: typed configuration, dictionary with `type`, or the name of a type.
        codebooks: tokens a frame (K).

    Raises:
        ConfigError: the configuration is wrong, or does not fit the codebooks.
    """
    typed = load_config({"type": config} if isinstance(config, str) else config, "codebook_pattern")
    mistakes = list(pattern_mistakes(typed, codebooks))
    if mistakes:
        raise config_error([Problem(f"/{m.key}", m.message, m.value, m.hint) for m in mistakes])
    import_module(f"{__name__}.{typed.type}")
    return build_pattern(typed, codebooks)
