"""What is wrong with adapters, in words for the user."""

from __future__ import annotations

from narrows.configs import NarrowsError


class AdapterError(NarrowsError, ValueError):
    """An adapter that cannot be read, does not fit the model, or changes nothing."""
