"""Put the pages of the site together in build/pages: docs/, the gallery, and lists set apart from the text before them.

Usage: `python tools/docs_site/stage.py`, before the site is built from there.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "build/gallery"
"""What `tools/docs_site/gallery.py` made."""
PAGES = ROOT / "build/pages"
_LIST = re.compile(r"^(?:[-*]|\d+\.) ")
_FENCE = re.compile(r"^\s*(```|~~~)")


def lists_apart(markdown: str) -> str:
    """Set an empty line before a list: the pages are written for hosting sites, whose Markdown needs none."""
    lines: list[str] = []
    fenced = inside = False
    for line in markdown.splitlines():
        starts = not fenced and _LIST.match(line) is not None
        if starts and not inside and lines and lines[-1]:
            lines.append("")
        inside = starts or (inside and bool(line))
        fenced ^= _FENCE.match(line) is not None
        lines.append(line)
    return "\n".join(lines) + "\n"


def stage() -> None:
    """Write build/pages anew."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES, ignore=shutil.ignore_patterns("*.json"))
    shutil.copytree(GALLERY, PAGES, dirs_exist_ok=True)
    for page in PAGES.rglob("*.md"):
        page.write_text(lists_apart(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    stage()
