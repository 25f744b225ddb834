"""The checks of the documentation's site see what they look for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools/docs_site"))
import check_site  # noqa: E402
import run_examples  # noqa: E402
import stage  # noqa: E402


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<a href="b.html">', "links to b.html, which is not there"),
        ('<a href="#x">', "links to #x, which has no such place"),
        ('<script src="https://elsewhere.example/a.js"></script>', "loads https://elsewhere.example/a.js"),
        ('<link rel="stylesheet" href="//elsewhere.example/a.css">', "loads //elsewhere.example/a.css"),
        ('<pre class="mermaid">', "has a block of mermaid"),
        ('<a id="y" href="#y"><a href="https://elsewhere.example/">', None),
    ],
)
def test_problems_of_a_page(body: str, problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_site, "SITE", tmp_path)
    page = tmp_path / "a.html"
    page.touch()
    found = check_site.problems(page, {page: check_site.Page(body)})
    assert found == ([f"a.html: {problem}"] if problem else [])


def test_lists_stand_apart_outside_of_code() -> None:
    assert stage.lists_apart("text\n- a\n- b\n```\nx\n- y\n```\n") == "text\n\n- a\n- b\n```\nx\n- y\n```\n"
    assert stage.lists_apart("- a\n  b\n- c\n") == "- a\n  b\n- c\n"


def test_every_page_is_in_the_navigation() -> None:
    def pages(part: object) -> list[str]:
        if isinstance(part, str):
            return [part]
        children = part if isinstance(part, list) else list(part.values())  # type: ignore[attr-defined]
        return [page for child in children for page in pages(child)]

    named = pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert len(named) == len(set(named))
    assert set(named) == there | {"gallery.md"}


def test_a_failing_example_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_examples.run_python("assert 1 == 1", "here", {}) == ""
    assert "AssertionError" in run_examples.run_python("assert 1 == 2", "here", {})
    assert run_examples.run_command("false || echo seen && test -e nothing") != ""
    assert run_examples.read("json", "{") != ""
    assert run_examples.commands("# why\na --b  # c\n\nd \\\n  e\n") == ["a --b", "d    e"]
