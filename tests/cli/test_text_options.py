"""Text on the command line is text: where an option's type is text, any characters stand for themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.cli.compose import compose
from narrows.cli.main import UserError, main
from narrows.cli.overrides import Setting, parse, with_home
from narrows.configs.option_types import NULL, OBJECT, TEXT, option_types

NAMES = [
    "a b", "a,b", "a=b", "[live]", "(1999)", "R&B", "don't", "#1", "a;b", "wow!", "{x}", "${HOME}", "${a.b}", "a:b",
    "1e5", "true", "null", "'quoted'", '"quoted"', "step=00000020.ckpt", "ü中", "\\n", "???", "*", "~", "-", "a\nb",
    "$x", "%s", "",
]  # fmt: skip


def test_ordinary_and_odd_names_are_kept() -> None:
    for name in NAMES:
        document = compose(None, ["data=audio_dir", f"data.path=/music/{name}", f"save_dir=runs/{name}"])
        assert document["dataset_config"]["path"] == f"/music/{name}"
        assert document["save_dir"] == f"runs/{name}"


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])))
def test_any_text_is_that_text(text: str) -> None:
    parsed = parse(f"data.path=/{text}", set())
    assert isinstance(parsed, Setting)
    assert (parsed.key, parsed.value, parsed.is_text) == ("dataset_config.path", f"/{text}", True)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("save_dir", {TEXT}),
        ("ckpt_path", {TEXT, NULL}),
        ("output_path", {TEXT}),
        ("dataset_config.path", {TEXT, NULL}),
        ("model_config", {TEXT, OBJECT, NULL}),
        ("batch_size", {"int"}),
        ("model_config.sample_rate", {"int"}),
        ("no_such_option", set()),
    ],
)
def test_the_schema_says_what_is_text(key: str, expected: set[str]) -> None:
    assert option_types("experiment", tuple(key.split("."))) == expected


def test_other_values_have_their_types() -> None:
    document = compose(
        None, ["batch_size=3", "resume=false", "pretrained_ckpt_path=null", "model.encoder.config.strides=[2,4]"]
    )
    assert document["batch_size"] == 3
    assert document["resume"] is False
    assert document["pretrained_ckpt_path"] is None
    assert document["model_config"]["model"]["encoder"]["config"]["strides"] == [2, 4]


@pytest.mark.parametrize(("word", "expected"), [("~", ""), ("~/music", "/music"), ("~/a=b, c", "/a=b, c")])
def test_a_tilde_in_front_is_the_home_folder(word: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert with_home(word) == f"/home/me{expected}"
    assert compose(None, ["data=audio_dir", f"data.path={word}"])["dataset_config"]["path"] == f"/home/me{expected}"


@pytest.mark.parametrize("word", ["~nobody-of-that-name/x", "~x", "a/~/b", "music~"])
def test_other_tildes_are_kept(word: str) -> None:
    assert with_home(word) == word


def test_lines_of_readme_and_help_work_as_they_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["train", "data=audio_dir", "data.path=~/music", "model=oobleck_vae", "--cfg", "job"]
    assert main(line) == 0
    assert f"path: {Path('~/music').expanduser()}" in capsys.readouterr().out
    line = ["pre-encode", "ckpt_path=runs/quickstart/model", "data.path=~/music", "output_path=latents", "--cfg", "job"]
    assert main(line) == 0


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("batch_size=1,2", "several values"),
        ("steps=[1", "not a value"),
        ("batch_size", "write KEY=VALUE"),
        ("model=nothing", "Known: "),
        ("=3", "write KEY=VALUE"),
    ],
)
def test_what_cannot_be_understood_is_one_message(word: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        compose(None, [word])


def test_the_file_that_is_named_is_read(tmp_path: Path) -> None:
    for ending in ("yaml", "yml", "json", "", "YAML", "txt"):
        name = f"exp.{ending}".rstrip(".")
        text = f"defaults: [train, _self_]\nname: from_{ending}\n"
        if ending == "json":
            text = '{"defaults": ["train", "_self_"], "name": "from_json"}'
        (tmp_path / name).write_text(text)
    for ending in ("yaml", "yml", "json", "", "YAML", "txt"):
        path = tmp_path / f"exp.{ending}".rstrip(".")
        assert compose(path, [])["name"] == f"from_{ending}"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("name: é\n".encode("latin-1"), ":1:7"),
        ("name: x\n".encode("utf-16"), ":1:1"),
        (b"name: x\n\tbatch_size: 1\n", ":2:1"),
        (b"name: x\nname: y\n", ":2:1"),
        (b"name: [\n", ":2:1"),
        (b"name: \x00\n", ":1:7"),
    ],
)
@pytest.mark.parametrize("command", [["train", "--config"], ["validate"], ["inspect"], ["pre-encode", "--config"]])
def test_a_file_that_is_no_text_is_one_error_with_its_place(
    content: bytes, place: str, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "exp.yaml"
    file.write_bytes(content)
    assert main([*command, str(file)]) == 1
    printed = capsys.readouterr()
    assert f"{file}{place}" in printed.out + printed.err
