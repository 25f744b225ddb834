"""Conditioners that look a value up: numbers, integers, words, tokens, phonemes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import tiny_encoders

from narrows.configs import ConfigError
from narrows.models import create_multi_conditioner_from_conditioning_config
from narrows.models.conditioners import Condition, ConditionError, MultiConditioner
from narrows.models.conditioners.encoders import EncoderError
from narrows.models.conditioners.graphemes import PHONEMES, phonemes
from narrows.models.conditioners.int import IntConditioner
from narrows.models.conditioners.list import ListConditioner
from narrows.models.conditioners.lut import LUTConditioner
from narrows.models.conditioners.number import NumberConditioner
from narrows.models.conditioners.phoneme import PhonemeConditioner
from narrows.models.conditioners.texts import TextCutWarning


@given(low=st.integers(-40, 40), rows=st.integers(1, 30))
def test_every_integer_of_a_range_has_its_row(low: int, rows: int) -> None:
    conditioner = IntConditioner(2, min_val=low, max_val=low + rows - 1)
    values = list(range(low, low + rows))
    found = {conditioner._row(value) for value in values}
    assert found == set(range(rows))
    assert conditioner._row(low - 5) == conditioner._row(low)
    assert conditioner._row(low + rows + 7) == conditioner._row(low + rows - 1)


@pytest.mark.parametrize("value", [5, 5.0, np.int64(5), np.float32(5), torch.tensor(5), torch.tensor([5.0])])
def test_numbers_of_many_kinds(value: Any) -> None:
    integer, number = IntConditioner(3, max_val=9), NumberConditioner(3, max_val=9)
    assert torch.equal(integer([value], "cpu").embeddings, integer([5], "cpu").embeddings)
    assert torch.equal(number([value], "cpu").embeddings, number([5], "cpu").embeddings)
    assert integer.problem(value) is None
    assert number.problem(value) is None


@pytest.mark.parametrize("value", ["five", None, 2.5, float("nan"), [1, 2], True])
def test_what_is_no_integer_is_refused(value: Any) -> None:
    conditioner = IntConditioner(3, max_val=9)
    assert conditioner.problem(value) == "must be an integer"
    with pytest.raises(ConditionError, match="must be an integer"):
        conditioner([value], "cpu")


def test_exponential_frequencies_have_no_weights_of_their_own() -> None:
    names = set(NumberConditioner(3, fourier_features_type="expo").state_dict())
    assert names == {"embedder.embedding.1.weight", "embedder.embedding.1.bias"}
    assert NumberConditioner(3, fourier_features_type="expo").embedder.embedding[1].weight.shape == (3, 256)


def test_lower_frequencies_make_near_numbers_alike() -> None:
    """As much as two numbers a hundredth of the range apart differ, of what numbers far apart do."""

    def share(**options: Any) -> float:
        torch.manual_seed(0)
        conditioner = NumberConditioner(64, max_val=100, fourier_features_type="expo", **options)
        near, far = (conditioner([10, 10 + step, 50, 50 + step], "cpu").embeddings[:, 0].detach() for step in (1, 30))
        return float((near[1] - near[0]).norm() / (far[1] - far[0]).norm())

    assert share() > 0.7
    assert share(highest_frequency=4.0) < 0.4


def test_a_number_keeps_the_precision_of_the_weights() -> None:
    assert NumberConditioner(3).bfloat16()([0.5], "cpu").embeddings.dtype == torch.bfloat16


def test_words_that_are_not_listed_share_row_0() -> None:
    conditioner = ListConditioner(3, ["rock", "jazz"])
    rows = conditioner(["jazz", "polka", 7, ["rock"]], "cpu").embeddings[:, 0]
    assert torch.equal(rows, conditioner.embedder.weight[[2, 0, 0, 0]])


@pytest.fixture
def words(tmp_path: Path) -> str:
    tiny_encoders.tokenizer(tmp_path)
    return str(tmp_path)


def test_lut_says_which_words_it_leaves_out(words: str) -> None:
    conditioner = LUTConditioner(4, words, max_length=4)
    with pytest.warns(TextCutWarning, match="'loop with reverb'"):
        conditioner(["a slow drum loop with reverb"], "cpu")
    assert conditioner.cut_words("a slow drum") == ""


def test_lut_has_rows_for_special_tokens(words: str) -> None:
    plain, more = LUTConditioner(4, words), LUTConditioner(4, words, special_tokens=["<verse>", "<chorus>"])
    assert len(more.token_embedder.weight) == len(plain.token_embedder.weight) + 2
    mask = more(["<verse> drum"], "cpu").mask
    assert mask is not None
    assert mask.sum() == 3


def test_lut_without_its_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"There is no encoder at .*nowhere"):
        LUTConditioner(4, str(tmp_path / "nowhere"))


def test_phonemes_come_from_dictionary_numbers_and_network() -> None:
    pytest.importorskip("nltk")
    assert phonemes("Drum, 2!") == ["D", "R", "AH1", "M", " ", ",", " ", "T", "UW1", " ", "!"]
    assert phonemes("activationist")[:6] == ["AE2", "K", "T", "IH0", "V", "EY1"]  # as the documents of g2p-en show
    assert phonemes("") == []
    assert len(set(PHONEMES)) == len(PHONEMES) == 74


def test_a_text_means_the_same_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("narrows.models.conditioners.phoneme.phonemes", str.split)
    conditioner = PhonemeConditioner(4)
    alone, both = conditioner(["K IH1 K"], "cpu"), conditioner(["K IH1 K", "S N EH1 R _"], "cpu")
    assert alone.mask is not None
    assert both.mask is not None
    assert alone.mask.all()
    assert both.mask.tolist() == [[1, 1, 1, 0, 0], [1] * 5]
    assert torch.equal(both.embeddings[0, :3], alone.embeddings[0])
    assert conditioner.rows("_ K") == [1, PHONEMES.index("K") + 2]
    assert len(PhonemeConditioner(4, max_length=2, truncate=True).rows("K IH1 K")) == 2
    assert len(PhonemeConditioner(4, max_length=2).rows("K IH1 K")) == 3


def conditioner_of(*configs: dict[str, Any], **section: Any) -> MultiConditioner:
    return create_multi_conditioner_from_conditioning_config({"cond_dim": 4, "configs": list(configs), **section})


def test_default_keys_do_not_reach_the_next_item() -> None:
    multi = conditioner_of({"id": "a", "type": "int", "config": {"max_val": 9}}, default_keys={"a": "b"})
    got = multi([{"b": 1}, {"a": 2, "b": 7}, {"b": 3}], "cpu")["a"].embeddings[:, 0]
    assert torch.equal(got, multi.conditioners["a"].int_embedder.weight[[1, 2, 3]])  # type: ignore[union-attr, index]


def test_a_missing_condition_is_named_with_its_item() -> None:
    multi = conditioner_of({"id": "a", "type": "int"}, default_keys={"a": "b"})
    with pytest.raises(ConditionError, match=r"Item 1 has no condition 'a', nor the 'b' .* it has: c"):
        multi([{"a": 1}, {"c": 2}], "cpu")
    with pytest.raises(ConditionError, match="at least one item"):
        multi([], "cpu")
    with pytest.raises(ConditionError, match="Condition 'a': must be an integer, got 'x'"):
        multi([{"a": "x"}], "cpu")


def test_encoded_conditions_pass_as_they_are() -> None:
    multi = conditioner_of({"id": "a", "type": "number"}, pre_encoded_keys=["a"])
    rows = torch.randn(2, 5, 4)
    got = multi([{"a": [rows[0]]}, {"a": rows[1].numpy()}], "cpu")["a"]
    assert torch.equal(got.embeddings, rows)
    assert got.mask is None
    with pytest.raises(ConditionError, match=r"one shape, got \(3, 4\), \(5, 4\)"):
        multi([{"a": rows[0]}, {"a": rows[1, :3]}], "cpu")


def test_conditions_are_pairs() -> None:
    embeddings, mask = conditioner_of({"id": "a", "type": "int"})([{"a": 1, "unread": 2}])["a"]
    assert isinstance(conditioner_of({"id": "a", "type": "int"})([{"a": 1}])["a"], Condition)
    assert embeddings.shape == (1, 1, 4)
    assert mask is not None


def test_ids_that_the_container_needs_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be called 'type'"):
        conditioner_of({"id": "type", "type": "int"})
    with pytest.raises(ConfigError):
        conditioner_of({"id": "x", "type": "nothing"})
