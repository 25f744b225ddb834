"""Where the shared material is: a folder beside the checkout; tests that need it skip without it."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
GOLDENS = SHARED / "goldens"
