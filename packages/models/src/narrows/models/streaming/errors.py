"""Why a model cannot be run piece by piece."""

from __future__ import annotations

from narrows.configs import NarrowsError


class NotExactError(NarrowsError, ValueError):
    """The result of the model on a piece depends on the whole clip, so that chunks cannot be exact."""
