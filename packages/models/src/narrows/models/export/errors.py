"""Why a model cannot be exported."""

from __future__ import annotations

from narrows.configs import NarrowsError


class ExportError(NarrowsError, ValueError):
    """A model that cannot be exported, a graph that does not give the model's results, or a package that is missing."""
