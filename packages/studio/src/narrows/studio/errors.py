"""Errors that a caller of the API can mend, each with the HTTP status that tells its kind."""

from __future__ import annotations

from typing import ClassVar

from narrows.configs import NarrowsError


class StudioError(NarrowsError, ValueError):
    """Something in a request is wrong; the message says what to do instead."""

    status: ClassVar[int] = 422


class RefusedError(StudioError):
    """The request may not be made: a foreign page, a wrong token, a file outside the folders."""

    status = 403


class NotThereError(StudioError):
    """Nothing has the name or id."""

    status = 404


class ConflictError(StudioError):
    """It is over already, or not ready yet."""

    status = 409


class TooLargeError(StudioError):
    """A file or a sound beyond the limits."""

    status = 413


class BusyError(StudioError):
    """The queue is full, or the folder of data."""

    status = 429
