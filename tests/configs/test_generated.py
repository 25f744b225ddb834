"""What is generated is up to date, laid out for editors and other languages, and light to import."""

from __future__ import annotations

import subprocess
import sys

import check_schemas
import documents
import pytest
import reference_docs
import rule_docs
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import narrows.configs
from narrows.configs import schemas
from narrows.configs._families import FAMILIES


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_schemas_are_well_formed() -> None:
    assert check_schemas.main() == 0


@pytest.mark.parametrize("tool", [reference_docs, rule_docs], ids=["reference", "rules"])
def test_pages_are_up_to_date(tool, monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tool", "--check"])
    assert tool.main() == 0


def test_the_bundle_holds_every_file_under_its_id() -> None:
    bundled = schemas.bundle()["$defs"]
    files = {p.relative_to(documents.SCHEMAS).as_posix(): p for p in documents.SCHEMAS.rglob("*.json")}
    assert bundled == {name: documents.schema_file(path) for name, path in files.items()}
    assert all(schema["$id"].endswith(name) for name, schema in bundled.items())


def test_editors_may_complete_a_document() -> None:
    for root in ("model", "dataset", "experiment"):
        for member in FAMILIES[root].members.values():
            fields = {field.alias or name for name, field in member.model_fields.items()}
            assert {"$schema", "schema_version"} <= fields


def test_importing_the_package_imports_neither_pydantic_nor_classes() -> None:
    code = "import sys, narrows.configs; print([m for m in sys.modules if m == 'pydantic' or '_generated' in m])"
    assert python(code).strip() == "[]"


def test_a_document_imports_only_the_classes_it_uses() -> None:
    code = (
        "import sys; from narrows.configs import load_config; load_config({'type': 'tanh'}, 'bottleneck');"
        "print(*[m for m in sys.modules if '_generated.' in m], 'torch' in sys.modules, 'yaml' in sys.modules)"
    )
    *classes, torch, yaml = python(code).split()
    assert torch == yaml == "False"
    assert "narrows.configs._generated.bottlenecks.tanh" in classes
    assert len(classes) < 6


def test_a_required_tag_is_required_of_classes_too() -> None:
    """Also where no union asks for it: the generator makes a default of every constant."""
    for family in FAMILIES.values():
        for tag, member in family.members.items():
            schema = schemas.schema(family.tagged.places[tag].partition(":")[0].replace(".", "/"))
            fields = {field.alias or name: field for name, field in member.model_fields.items()}
            assert {key for key, field in fields.items() if field.is_required()} == set(schema.get("required", ()))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        narrows.configs.NoSuchConfig  # noqa: B018


@pytest.mark.parametrize("name", schemas.schema_names())
def test_a_schema_that_is_printed_needs_no_other_file(name: str) -> None:
    def refuse(uri: str):
        raise AssertionError(f"{uri} is outside")

    whole = schemas.whole_schema(name)
    registry = Registry(retrieve=refuse).with_resource(whole["$id"], Resource.from_contents(whole)).crawl()
    resolver = registry.resolver(whole["$id"])
    for base, reference in references(whole, whole["$id"]):
        assert registry.resolver(base).lookup(reference).contents is not None
    assert resolver.lookup(whole["$id"]).contents["title"] == schemas.schema(name)["title"]
    Draft202012Validator(whole, registry=Registry(retrieve=refuse)).is_valid({"type": "none of them"})


def references(value, base: str):
    if isinstance(value, list):
        for item in value:
            yield from references(item, base)
    elif isinstance(value, dict):
        base = value["$id"] if isinstance(value.get("$id"), str) else base
        if isinstance(value.get("$ref"), str):
            yield base, value["$ref"]
        for item in value.values():
            yield from references(item, base)


def test_the_last_part_of_a_schemas_name_is_enough_where_no_other_has_it() -> None:
    assert schemas.schema("audio_dir") == schemas.schema("datasets/audio_dir")
    with pytest.raises(schemas.UnknownSchemaError, match=r"write .*autoencoder or "):
        schemas.schema("autoencoder")
