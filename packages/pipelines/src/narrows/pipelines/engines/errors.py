"""What goes wrong with engines."""

from __future__ import annotations

from narrows.configs import NarrowsError


class EngineError(NarrowsError, RuntimeError):
    """Workers that cannot do what a plan asks for, or are not there."""
