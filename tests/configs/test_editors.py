"""The form of the schemas that editors read says the same as the files; `nox -s editors` asks language servers."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import compare_validators
import documents
from jsonschema import Draft202012Validator

from narrows.configs.schemas import editor_schema

SCHEMA = editor_schema()


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [found for item in value.values() for found in references(item)]
    return [found for item in value for found in references(item)] if isinstance(value, list) else []


def test_every_reference_leads_to_a_place_in_the_document() -> None:
    found = set(references(SCHEMA))
    assert found
    for reference in found:
        node = SCHEMA
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        assert isinstance(node, dict)


def test_it_accepts_and_rejects_what_the_files_do() -> None:
    """In itself the form of the bundle; a few documents show that nothing was lost on the way."""
    files, editors = compare_validators.validators(), Draft202012Validator(SCHEMA)
    for seed in range(24):
        rng = random.Random(seed)
        root = documents.ROOTS[seed % 3]
        document = documents.valid(rng, root)
        if seed % 2:
            document = documents.mutated(rng, document)
        assert editors.is_valid(document) == files[root].is_valid(document), seed


def test_files_of_migrate_name_the_schema(tmp_path: Path) -> None:
    from narrows.configs.migrate import migrate

    source = tmp_path / "model.json"
    source.write_text((Path(__file__).with_name("corpus") / "autoencoder.json").read_text())
    assert migrate(source).startswith("# yaml-language-server: $schema=narrows.schema.json\n")
