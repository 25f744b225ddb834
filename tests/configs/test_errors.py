"""Every kind of mistake: where it is told, in which words, and as which error."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from narrows.configs import (
    ConfigError,
    FSQBottleneckConfig,
    MissingTypeError,
    OobleckEncoderOptions,
    UnknownTypeError,
    VAEBottleneckConfig,
    check_config,
    load_config,
)

MODEL = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "model": {
        "encoder": {"type": "oobleck", "config": {"c_mults": [1], "strides": [2], "latent_dim": 8}},
        "decoder": {"type": "oobleck", "config": {"c_mults": [1], "strides": [2], "latent_dim": 4}},
        "bottleneck": {"type": "vae"},
        "latent_dim": 4,
        "downsampling_ratio": 2,
        "io_channels": 2,
    },
}


def told(document: Any, kind: str | None = None) -> tuple[str, str, str]:
    problems = check_config(document, kind)
    assert len(problems) == 1, problems
    return problems[0].pointer, problems[0].message, problems[0].hint


@pytest.mark.parametrize(
    ("bottleneck", "expected"),
    [
        ({}, ("", "type must be specified in bottleneck config")),
        ({"type": "wassersteen"}, ("/type", "Did you mean 'wasserstein'?")),
        ({"type": 3}, ("/type", "Unknown bottleneck type: 3.")),
        ({"type": "tanh", "config": {"scael": 2.0}}, ("/config/scael", "Unknown key 'scael'.")),
        ({"type": "tanh", "config": {"scale": "2"}}, ("/config/scale", 'Must be a number, got "2".')),
        ({"type": "tanh", "config": {"scale": True}}, ("/config/scale", "Must be a number, got true.")),
        ({"type": "tanh", "config": {"scale": float("nan")}}, ("/config/scale", "Must be a finite number")),
        ({"type": "tanh", "config": {"scale": float("inf")}}, ("/config/scale", "Must be a finite number")),
        ({"type": "tanh", "config": []}, ("/config", "Must be an object, got [].")),
        ({"type": "tanh", "requires_grad": 1}, ("/requires_grad", "Must be true or false, got 1.")),
        ({"type": "fsq"}, ("/config", "'config' is required.")),
        ({"type": "fsq", "config": {"levels": 8}}, ("/config/levels", "Must be a list, got 8.")),
        ({"type": "fsq", "config": {"levels": []}}, ("/config/levels", "Must have at least 1 entries, got [].")),
        ({"type": "fsq", "config": {"levels": [8, 1]}}, ("/config/levels/1", "Must be at least 2, got 1.")),
        ({"type": "fsq", "config": {"levels": [8, 2.5]}}, ("/config/levels/1", "Must be an integer, got 2.5.")),
        ({"type": "rvq", "config": {"decay": 1.5}}, ("/config/decay", "got 1.5.")),
        (
            {"type": "dac_rvq", "config": {"n_codebooks": 2, "codebook_size": 8, "codebook_dim": "8"}},
            ("/config/codebook_dim", 'Must be an integer or a list, got "8".'),
        ),
        (
            {"type": "dac_rvq", "config": {"n_codebooks": 2, "codebook_size": 8, "codebook_dim": [8, 0]}},
            ("/config/codebook_dim/1", "Must be at least 1, got 0."),
        ),
    ],
)
def test_mistakes_in_a_component(bottleneck: dict[str, Any], expected: tuple[str, str]) -> None:
    pointer, message, _ = told(bottleneck, "bottleneck")
    assert pointer == expected[0]
    assert expected[1] in message


def test_a_missing_type_is_an_assertion_error_as_well() -> None:
    with pytest.raises(AssertionError, match="type must be specified in bottleneck config") as caught:
        load_config({**MODEL, "model": {**MODEL["model"], "bottleneck": {"config": {}}}})
    assert isinstance(caught.value, MissingTypeError)
    with pytest.raises(AssertionError, match="model_type must be specified in model config"):
        load_config({"sample_rate": 16000})


def test_an_unknown_type_is_a_not_implemented_error_as_well() -> None:
    with pytest.raises(NotImplementedError, match=r"Unknown encoder type: oblek\. .*Did you mean 'oobleck'") as caught:
        load_config({**MODEL, "model": {**MODEL["model"], "encoder": {"type": "oblek"}}})
    assert isinstance(caught.value, UnknownTypeError)
    with pytest.raises(NotImplementedError, match="Unknown model type: autoencodr"):
        load_config({**MODEL, "model_type": "autoencodr"})


def test_a_typo_names_the_key_that_was_meant() -> None:
    document = {**MODEL, "model": {**MODEL["model"], "latentdim": 4}}
    pointer, message, hint = told(document)
    assert (pointer, message, hint) == ("/model/latentdim", "Unknown key 'latentdim'.", "Did you mean 'latent_dim'?")


def test_lenient_keeps_what_constructors_refuse() -> None:
    document = {**MODEL, "comment": "mine", "model": {**MODEL["model"], "name": "x"}}
    with pytest.raises(ConfigError):
        load_config(document)
    assert load_config(document, lenient=True) == load_config(MODEL)
    assert [p.level for p in check_config(document, lenient=True)] == ["warning", "warning"]
    document["model"]["encoder"] = {"type": "oobleck", "config": {"latent_dim": 8, "depth": 3}}  # type: ignore[index]
    assert "/model/encoder/config/depth" in [
        p.pointer for p in check_config(document, lenient=True) if p.level == "error"
    ]


@pytest.mark.parametrize("name", ["model.json", "model.yaml"])
def test_files_have_lines(tmp_path: Path, name: str) -> None:
    text = json.dumps({**MODEL, "sample_rate": "16000"}, indent=2)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (problem,) = check_config(path)
    assert (problem.line, problem.column, problem.source) == (3, 3, str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model_type": "autoencoder", "model_type": "lm"}', "The key 'model_type' is given twice."),
        ('{"sample_rate": NaN}', "NaN is not a number in JSON"),
        ('{"sample_rate": 1e999}', "1e999 is too large"),
        ('{"sample_rate": ' + "9" * 5000 + "}", "This is not valid JSON"),
        ("[" * 100000, "The document is nested too deeply."),
        ('{"model_type": ', "This is not valid JSON"),
        ("[1, 2]", "A configuration is an object."),
        ("a: 1\na: 2\n", "the key 'a' is given twice"),
        ("a: .nan\nb: 1\n", ".nan is not a usable number"),
        ("a: &x [*x]\nb: 1\n", "nested too deeply"),
        ("a: 1e999\nb: 1\n", "1e999 is too large"),
        (
            "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "\n".join(
                f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefg", "bcdefgh", strict=True)
            ),
            "more than 100000 values",
        ),
    ],
)
def test_texts_that_are_no_documents(text: str, message: str) -> None:
    (problem,) = check_config(text)
    assert message in problem.message


def test_deep_nesting_is_told_not_crashed() -> None:
    document: dict[str, Any] = {**MODEL}
    for _ in range(600):
        training = {"learning_rate": 1e-4, "teacher_model": document, "teacher_model_ckpt": "t.ckpt"}
        document = {**MODEL, "sample_size": 32, "training": training}
    assert "too deeply" in str(check_config(document))
    nested: list[Any] = []
    for _ in range(100000):
        nested = [nested]
    assert "too deeply" in str(check_config({**MODEL, "sample_rate": nested}))


def test_huge_numbers_are_told_not_crashed() -> None:
    for value in (10**400, -(10**400), 1e308):
        assert check_config({**MODEL, "sample_rate": value, "sample_size": "x"})
        assert check_config({"type": "tanh", "config": {"scale": value, "x": 1}}, "bottleneck")


def test_classes_are_as_strict_as_documents() -> None:
    for options in ({"channels": "8"}, {"channels": True}, {"strides": (2, 4)}, {"channels": 8.5}, {"chanels": 8}):
        with pytest.raises(ValueError, match="validation error"):
            OobleckEncoderOptions(**options)  # type: ignore[arg-type]
    assert OobleckEncoderOptions(channels=8.0) == OobleckEncoderOptions(channels=8)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="validation error"):
        FSQBottleneckConfig(type="fsq", config={"levels": [8, "5"]})
    with pytest.raises(ValueError, match="frozen"):
        VAEBottleneckConfig(type="vae").requires_grad = False


def test_65536_is_an_integer_however_it_is_written() -> None:
    assert load_config({**MODEL, "sample_size": 65536.0}) == load_config({**MODEL, "sample_size": 65536})
    assert load_config(json.dumps(MODEL)).model_dump() == load_config(load_config(MODEL).model_dump()).model_dump()


def test_repeated_keys_are_each_told_where_they_are() -> None:
    text = '{"a": 1,\n "b": {"x": 1,\n "x": 2,\n "x": 3},\n "a": 2}'
    assert [(p.value, p.line, p.column) for p in check_config(text)] == [("x", 3, 2), ("x", 4, 2), ("a", 5, 2)]


def test_errors_are_the_same_after_they_are_sent() -> None:
    """Workers and other machines send theirs; what a class takes is not always its message."""
    for document in ({**MODEL, "model": {}}, {**MODEL, "sample_rate": -1}, {**MODEL, "model_type": "other"}):
        with pytest.raises(ConfigError) as caught:
            load_config(document, "model")
        sent = pickle.loads(pickle.dumps(caught.value))
        assert type(sent) is type(caught.value)
        assert (str(sent), sent.problems) == (str(caught.value), caught.value.problems)
