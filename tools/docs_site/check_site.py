"""Check the built site in build/site: no page loads anything from elsewhere, and every link inside leads somewhere.

Prints how many pages and links were checked; exit status 1 with a list of what is wrong.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build/site"
LOADED = {"script": "src", "img": "src", "iframe": "src", "audio": "src", "video": "src", "source": "src"}
LINKED = {"stylesheet", "icon", "preload", "preconnect", "modulepreload", "prefetch", "dns-prefetch", "manifest"}
FOREIGN = ("http:", "https:", "//")
# Libraries that the theme would fetch from elsewhere when a page has one of these.
FETCHING = ("mermaid", "glightbox")


class Page(HTMLParser):
    """What a page loads, links to and can be linked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.classes |= set(given.get("class", "").split())
        if tag in LOADED and LOADED[tag] in given:
            self.loads.append(given[LOADED[tag]])
        if tag == "link" and LINKED & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])


def problems(path: Path, pages: dict[Path, Page]) -> list[str]:
    """What is wrong with a page."""
    page, found = pages[path], []
    found += [f"loads {address}" for address in page.loads if address.startswith(FOREIGN)]
    found += [f"has a block of {name}" for name in FETCHING if name in page.classes]
    for address in [*page.links, *page.loads]:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            found.append(f"links to {address}, which is not there")
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
            found.append(f"links to {address}, which has no such place")
    return [f"{path.relative_to(SITE)}: {problem}" for problem in found]


def main() -> int:
    """Check every page; the reports of the gallery only for what they load."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in SITE.rglob("*.html")}
    pages = {path: page for path, page in pages.items() if path.name != "404.html"}
    wrong = [problem for path in sorted(pages) for problem in problems(path, pages)]
    print("\n".join(wrong))
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, {len(wrong)} problems")
    return 1 if wrong or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
