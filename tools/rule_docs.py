"""Write docs/rules.md: every rule between fields with a document that breaks it and what is said of it.

The documents are those of the tests (tests/configs/violations). `--check` fails when the page differs.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import relations
import yaml
from violations import Violation, violations

from narrows.configs import Problem, check_config
from narrows.configs.rules import Rule, registered

PAGE = Path(__file__).resolve().parent.parent / "docs/rules.md"
HEAD = """\
# Rules between fields

A schema says what a field may be; these rules say what fields may be together. `narrows validate` and `load_config`
check them all in one pass, without building a model. An error keeps a document from loading; a warning is printed by
`narrows validate` and returned by `check_config`, and does not.

This page is made by `tools/rule_docs.py`. Each rule stands with a document that only it finds wrong, and with what it
says of it. Where the document begins with pointers, they are written into one that is right. Ids such as A-1 number
the relations between keys that the code of the references implies; what is not checked by a rule stands at the end.
"""


def said(rule: Rule, violation: Violation) -> Problem:
    """What a rule says of the document that breaks it."""
    found = check_config(violation.document, violation.kind)
    return next(problem for problem in found if problem.rule == rule.name)


def section(rule: Rule, violation: Violation) -> Iterator[str]:
    """The text about one rule."""
    ids = f" — {', '.join(rule.covers)}" if rule.covers else ""
    yield f"\n### `{rule.name}` ({rule.level}){ids}\n\n{rule.words}\n"
    yield f"\n```yaml\n{yaml.safe_dump(violation.written, sort_keys=False, default_flow_style=None, width=110)}```\n"
    problem = said(rule, violation)
    hint = f"\n  hint: {problem.hint}" if problem.hint else ""
    yield f"\n```text\n{problem.pointer}: {problem.message}{hint}\n```\n"


def page() -> str:
    """The page's text."""
    rules, broken = registered(), violations()
    topics: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        topics[rule.topic].append(rule)
    covered = {name for rule in rules for name in rule.covers}
    parts = [
        HEAD,
        f"\nThere are {len(rules)} rules. They check {len(covered)} of the {len(relations.ALL)} relations.\n",
    ]
    for topic, members in sorted(topics.items()):
        parts.append(f"\n## {topic.replace('_', ' ').capitalize()}\n")
        for rule in members:
            parts += section(rule, broken[rule.name])
    parts.append("\n## Relations without a rule\n")
    for heading, found in relations.ELSEWHERE.items():
        parts.append(f"\n### {heading} ({len(found)})\n\n")
        parts += [f"- {name}: {words}\n" for name, words in found.items()]
    return "".join(parts)


def main() -> int:
    """Write, or with --check compare; exit status 1 on drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    text = page()
    if parser.parse_args().check:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("No drift." if same else f"out of date: {PAGE.name}; run tools/rule_docs.py")
        return 0 if same else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
