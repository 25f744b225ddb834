"""Every rule between fields finds its own mistake, and every relation of the catalogue is seen to."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import relations
from support.shared_folder import SHARED
from violations import violations

from narrows.configs import ConfigError, check_config, load_config
from narrows.configs.rules import registered

RULES = {rule.name: rule for rule in registered()}
BROKEN = violations()


def test_every_rule_has_its_document_and_its_words() -> None:
    assert set(BROKEN) == set(RULES)
    assert len(RULES) == len(registered())
    assert all(rule.words for rule in RULES.values())


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_document_breaks_this_rule_alone(name: str) -> None:
    """Of an error other rules may warn as well, where the mistake has no form without."""
    rule, violation = RULES[name], BROKEN[name]
    problems = check_config(violation.document, violation.kind)
    counted = [problem for problem in problems if rule.level == "warning" or problem.level == "error"]
    assert {(problem.rule, problem.level) for problem in counted} == {(name, rule.level)}
    assert all(problem.message and problem.pointer for problem in problems)
    if rule.level == "warning":
        load_config(violation.document, violation.kind)
    else:
        with pytest.raises(ConfigError) as caught:
            load_config(violation.document, violation.kind)
        assert {problem.rule for problem in caught.value.problems} == {name}


def test_every_relation_is_checked_by_a_rule_or_told_of() -> None:
    covered = {name for rule in RULES.values() for name in rule.covers}
    told = Counter([*covered, *(name for found in relations.ELSEWHERE.values() for name in found)])
    assert told == Counter(relations.ALL)


def test_the_catalogue_is_whole() -> None:
    catalogue = SHARED / "reference" / "cross-field-rules.md"
    if not catalogue.is_file():
        pytest.skip("the catalogue is not here")
    assert re.findall(r"^\| ([A-K]-\d+) \|", catalogue.read_text(encoding="utf-8"), re.MULTILINE) == relations.ALL
