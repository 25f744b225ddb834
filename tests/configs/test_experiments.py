"""Files that an experiment names: read in one place, relative to the document, and checked once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from narrows.configs import ConfigError, load_config, rules, schemas
from narrows.configs._documents import parse_json
from narrows.configs.experiments import FILE_OPTIONS, check_experiment, load_experiment

from .test_errors import MODEL

TRAINED = {**MODEL, "sample_size": 65536, "audio_channels": 2, "training": {"learning_rate": 1e-4}}
DATA = {"dataset_type": "audio_dir", "path": "music"}


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "m.json").write_text(json.dumps(TRAINED, indent=1))
    (folder / "d.yaml").write_text("dataset_type: audio_dir\npath: music\n")
    (folder / "exp.yaml").write_text("experiment: train\nmodel_config: m.json\ndataset_config: d.yaml\n")
    return folder / "exp.yaml"


def test_the_schemas_name_the_options_that_may_be_files() -> None:
    found = set()
    for name in ("experiments/train", "experiments/pre_encode"):
        for key, option in schemas.schema(name)["properties"].items():
            if {"$ref": "../types/file_path.json"} in option.get("oneOf", ()):
                found.add((key, option["oneOf"][0]["$ref"].removeprefix("../").removesuffix(".json")))
    assert found == set(FILE_OPTIONS.items())


def test_names_are_relative_to_the_document(experiment: Path, monkeypatch) -> None:
    loaded = load_experiment(experiment)
    assert (loaded.model_config_.sample_rate, loaded.dataset_config.path) == (16000, "music")
    monkeypatch.chdir(experiment.parent.parent)
    assert load_experiment(Path("sub/exp.yaml")) == loaded
    document = {"experiment": "train", "model_config": "sub/m.json", "dataset_config": "sub/d.yaml"}
    assert load_experiment(document) == loaded
    assert load_experiment(load_config(document, "experiment")) == loaded


def test_problems_are_placed_in_the_file_they_are_in(experiment: Path) -> None:
    (experiment.parent / "m.json").write_text(json.dumps({**TRAINED, "sample_rate": "x"}, indent=1))
    problem = check_experiment(experiment)[1][0]
    assert (Path(problem.source).name, problem.line, problem.pointer) == ("m.json", 3, "/model_config/sample_rate")


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_is_not_there_is_told_where_it_is_named(experiment: Path, name: str) -> None:
    experiment.write_text(f"experiment: train\nmodel_config: {name}\ndataset_config: d.yaml\n")
    with pytest.raises(ConfigError) as caught:
        load_experiment(experiment)
    (problem,) = caught.value.problems
    assert (problem.source, problem.line, problem.pointer) == (str(experiment), 2, "/model_config")


def test_what_has_passed_is_not_checked_again(experiment: Path, monkeypatch) -> None:
    counted = []
    apply = rules._apply
    monkeypatch.setattr(rules, "_apply", lambda *a: (counted.append(a[1]), apply(*a))[1])
    loaded = load_experiment(experiment)
    walked = len(counted)
    assert walked > 0
    for part in (loaded, loaded.model_config_, loaded.dataset_config, loaded.model_config_.model.encoder):
        assert load_config(part) is part
    assert len(counted) == walked
    changed = loaded.model_config_.model_copy(update={"sample_rate": 8000})
    assert load_config(changed) is changed
    assert len(counted) > walked


def test_a_configuration_that_failed_is_checked_again() -> None:
    wrong = load_config(MODEL).model_copy(deep=True)
    wrong.__dict__["model"] = wrong.model.model_copy(update={"downsampling_ratio": 3})
    for _ in range(2):
        with pytest.raises(ConfigError):
            load_config(wrong)


@pytest.mark.parametrize(
    ("name", "content", "line", "column", "words"),
    [
        ("exp.yaml", b"a: 1\nname: caf\xe9\n", 2, 10, "not UTF-8"),
        ("exp.yaml", "a: 1\n".encode("utf-16"), 1, 1, "not UTF-8"),
        ("exp.yaml", b"a:\n\tb: 1\n", 2, 1, "not valid YAML"),
        ("exp.yaml", b"a: 1\nb: \x07\n", 2, 4, "not valid YAML"),
        ("exp.yaml", b"a: 1\nb: 2\na: 3\n", 3, 1, "given twice"),
        ("exp.json", b'{"a": 1,\n "b": {"c": 1, "c": 2}}', 2, 16, "given twice"),
        ("exp", b'{"a": 1,\n', 2, 1, "not valid JSON"),
        ("exp", b"a: 1\na: 2", 2, 1, "given twice"),
        ("exp.YAML", b"a: [1", 1, 6, "not valid YAML"),
        ("exp.yaml", b"", None, None, "is an object"),
        ("exp.json", b"", 1, 1, "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_problem_with_its_place(
    tmp_path: Path, name: str, content: bytes, line: int | None, column: int | None, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    _, (problem,) = check_experiment(tmp_path / name, None)
    assert (problem.line, problem.column, Path(problem.source).name) == (line, column, name)
    assert words in problem.message


def test_repeated_keys_are_found_beside_equal_keys_of_other_objects() -> None:
    assert parse_json('{"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 2}]}').data["c"] == {"b": 1}
