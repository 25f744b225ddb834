"""Write docs/rules.md: every rule between fields, with a message as it is printed.

The examples are what the rules say of random documents. `--check` fails when the page differs.
"""

from __future__ import annotations

import argparse
import inspect
import random
from collections import defaultdict
from pathlib import Path

import documents

from narrows.configs import Problem
from narrows.configs._families import FAMILIES
from narrows.configs.rules import Rule, check, registered

PAGE = Path(__file__).resolve().parent.parent / "docs/rules.md"
HEAD = """\
# Rules between fields

A schema says what a field may be; these rules say what fields may be together. `narrows validate` and `load_config`
check them all in one pass, without building a model. An error keeps a document from loading; a warning is printed by
`narrows validate` and returned by `check_config`, and does not.

This page is made by `tools/rule_docs.py`. The examples are what the rules say of made-up documents.
"""
LEFT_OUT = """
## What is not checked here

- What only files, weights or a machine can tell: whether a folder holds audio, whether a checkpoint fits, whether a GPU
  is there. The command that needs them says so before it starts.
- What cannot be written: options that the schemas do not have (`heads` of residual quantizers, `channel_first`,
  reserved constructor arguments, `gradient_clip_val` beside manual optimisation).
- What the references got wrong and this library does not: a single FSQ codebook, `noise_dropout` as an integer, the
  `int` conditioner with `min_val` above 0, `source_mix` of equal widths, adversarial training on audio data, language
  models on the `pre_encoded` data set, sampling through pretransforms without parameters, `num_workers` 0,
  `accum_batches` and gradient clipping with a discriminator.
- What is said at the call: lengths of prompt lists, masks in seconds, samplers of a request.
"""


def examples(rules: list[Rule], tries: int = 6000) -> dict[str, Problem]:
    """For each rule's name, the first thing it says of random documents."""
    rng = random.Random(1)
    found: dict[str, Problem] = {}
    names = {rule.__name__ for rule in rules}
    for _ in range(tries):
        root = rng.choice(documents.ROOTS)
        config = FAMILIES[root].tagged.validator.validate_python(documents.valid(rng, root))
        for problem in check(config):
            found.setdefault(problem.rule, problem)
        if names <= set(found):
            break
    return found


def page() -> str:
    """The page's text."""
    rules = registered()
    said = examples(rules)
    topics: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        topics[rule.__module__.rpartition(".")[2]].append(rule)
    parts = [HEAD, f"\nThere are {len(rules)} rules.\n"]
    for topic, members in sorted(topics.items()):
        parts.append(f"\n## {topic.replace('_', ' ').capitalize()}\n")
        for rule in members:
            level = "warning" if getattr(rule, "warns", False) else "error"
            parts.append(f"\n### `{rule.__name__}` ({level})\n\n{inspect.getdoc(rule)}\n")
            if rule.__name__ in said:
                problem = said[rule.__name__]
                parts.append(f"\n```text\n{problem.pointer}: {problem.message}\n```\n")
    return "".join([*parts, LEFT_OUT])


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
