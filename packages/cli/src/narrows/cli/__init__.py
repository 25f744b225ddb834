"""The command line of Narrows. Every command loads only what it needs; `narrows --help` loads no torch."""

from narrows.cli.main import main

__all__ = ["main"]
