"""The committed documents stay valid: a schema change that refuses one breaks users' files.

When a change is meant, raise `schema_version`, say so in the changelog, and give `narrows migrate` the way over. New
documents may be added at any time; none is changed or removed.
"""

from __future__ import annotations

from pathlib import Path

import compare_validators
import pytest

from narrows.configs import check_config, load_config
from narrows.configs._families import FAMILIES

CORPUS = Path(__file__).with_name("corpus")
FILES = sorted(path.relative_to(CORPUS) for path in CORPUS.rglob("*.json"))


def kind(path: Path) -> str | None:
    return path.parent.name or None


@pytest.mark.parametrize("path", FILES, ids=str)
def test_stays_valid_and_round_trips(path: Path) -> None:
    config = load_config(CORPUS / path, kind(path))
    assert load_config(config.model_dump(mode="json"), kind(path)) == config
    assert load_config(config.model_dump_json(exclude_unset=True), kind(path)) == config
    assert [problem for problem in check_config(CORPUS / path, kind(path)) if problem.level == "error"] == []


def test_whole_documents_are_there_for_every_model_type() -> None:
    validators = compare_validators.validators()
    found = {load_config(CORPUS / path).model_dump().get("model_type") for path in FILES if kind(path) is None}
    built = {
        "autoencoder",
        "diffusion_cond",
        "diffusion_cond_inpaint",
        "diffusion_uncond",
        "lm",
        "spectral_autoencoder",
    }
    assert built <= found
    assert built <= set(FAMILIES["model"].tags)
    assert set(validators) == {"model", "dataset", "experiment"}
