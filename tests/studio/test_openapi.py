"""The document says what the API does; that answers satisfy it, `support.studio.Client` checks at every call."""

from __future__ import annotations

import pytest
from support.studio import Client

from narrows.studio.app import ENDPOINTS


def test_the_document_is_valid_and_complete(client: Client) -> None:
    from openapi_spec_validator import validate

    document = client.get("/api/openapi.json").json()
    validate(document)
    operations = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert operations == {(one.method, one.path) for one in ENDPOINTS}
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_schema_is_used(client: Client) -> None:
    document = client.get("/api/openapi.json").json()
    text = str(document)
    for title in document["components"]["schemas"]:
        assert f"#/components/schemas/{title}'" in text, title


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/status", 405), ("POST", "/compare", 405)]
)
def test_other_addresses_and_methods_are_told_in_json(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]
