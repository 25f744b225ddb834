"""What a user of a language model can get wrong."""

from __future__ import annotations

from narrows.configs import NarrowsError


class LanguageModelError(NarrowsError, ValueError):
    """Codes, conditions or options of a call that do not fit the model."""
