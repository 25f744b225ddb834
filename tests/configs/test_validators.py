"""jsonschema on the files and Pydantic on the generated classes give one verdict; nothing but ConfigError is raised.

NARROWS_DOCUMENTS sets how many documents are tried; `nox -s validators` adds Ajv.
"""

from __future__ import annotations

import contextlib
import os
import random

import compare_validators
import documents
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrows.configs import ConfigError, check_config, load_config

COUNT = int(os.environ.get("NARROWS_DOCUMENTS", "200"))
MANY = settings(
    max_examples=COUNT, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


@pytest.fixture(scope="module")
def files() -> dict[str, object]:
    return compare_validators.validators()


@MANY
@given(seed=st.integers(0, 2**32), root=st.sampled_from(documents.ROOTS))
def test_valid_documents_are_accepted(files, seed: int, root: str) -> None:
    document = documents.valid(random.Random(seed), root)
    assert files[root].is_valid(document)
    assert compare_validators.accepts(root, document)


@MANY
@given(seed=st.integers(0, 2**32), root=st.sampled_from(documents.ROOTS))
def test_mutated_documents_have_one_verdict(files, seed: int, root: str) -> None:
    rng = random.Random(seed)
    document = documents.mutated(rng, documents.valid(rng, root))
    assert compare_validators.accepts(root, document) == files[root].is_valid(document)


@MANY
@given(seed=st.integers(0, 2**32), root=st.sampled_from(documents.ROOTS))
def test_only_config_errors_are_raised(seed: int, root: str) -> None:
    rng = random.Random(seed)
    document = documents.mutated(rng, documents.valid(rng, root))
    before = repr(document)
    with contextlib.suppress(ConfigError):
        load_config(document, root)
    assert all(problem.message for problem in check_config(document, root))
    assert repr(document) == before
