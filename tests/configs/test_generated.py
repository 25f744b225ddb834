"""What is generated is up to date, laid out for editors and other languages, and light to import."""

from __future__ import annotations

import subprocess
import sys

import check_schemas
import documents
import pytest
import reference_docs
import rule_docs

import narrows.configs
from narrows.configs import check_config, schemas
from narrows.configs._families import FAMILIES
from narrows.configs._usual import USUAL


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


def test_usual_documents_find_what_they_use_compiled() -> None:
    assert [check_config(document) for document in USUAL] == [[], []]
    code = (
        "import sys; from narrows.configs import load_config; from narrows.configs._usual import USUAL;"
        "before = set(sys.modules); [load_config(document) for document in USUAL];"
        "print(len(set(sys.modules) - before), 'torch' in sys.modules, 'yaml' in sys.modules)"
    )
    assert python(code).split() == ["0", "False", "False"]


def test_a_document_imports_only_the_classes_it_uses() -> None:
    code = (
        "import sys; from narrows.configs import load_config; before = set(sys.modules);"
        "load_config({'type': 'tanh'}, 'bottleneck'); print(len(set(sys.modules) - before))"
    )
    assert int(python(code)) < 4


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
