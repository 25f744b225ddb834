"""The version is found also where a listing of the installed packages missed it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import pytest

from narrows.pipelines import own_version as module


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """What was looked up before."""
    module.own_version.cache_clear()


def answers(*misses: bool) -> Callable[[str], str]:
    """A `version` that misses the package where told."""
    left = list(misses)

    def asked(name: str) -> str:
        if left.pop(0):
            raise PackageNotFoundError(name)
        return version(name)

    return asked


def test_a_package_missed_once_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = module.own_version()
    module.own_version.cache_clear()
    monkeypatch.setattr(module, "version", answers(True, False))
    assert module.own_version() == expected


def test_it_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version", answers(False))
    assert module.own_version() == module.own_version()


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version", answers(True, True))
    with pytest.raises(PackageNotFoundError, match="narrows-pipelines"):
        module.own_version()
