"""Numbers that are not finite, on their way out of a model."""

from __future__ import annotations

from narrows.configs import NarrowsError


class NotFiniteError(NarrowsError, ValueError, ArithmeticError):
    """A model makes numbers that are not finite (NaN or infinite), of which nothing can be made."""
