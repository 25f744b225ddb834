"""Which version of Narrows runs here."""

from __future__ import annotations

from functools import cache
from importlib import invalidate_caches
from importlib.metadata import PackageNotFoundError, version

PACKAGE = "narrows-pipelines"


@cache
def own_version() -> str:
    """Of this installation, looked up once a process.

    A listing of the installed packages that is read while another process writes into their folder may miss some, and
    Python keeps it: a package that was not found is looked for once more in a listing of its own.

    Raises:
        PackageNotFoundError: no metadata of Narrows is installed.
    """
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        invalidate_caches()
        return version(PACKAGE)
