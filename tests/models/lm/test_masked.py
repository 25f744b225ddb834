"""Models that fill in hidden tokens: weights of AudioCraft's names, decoding, infilling, training and evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import cos, pi
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.tiny_lm import CODEBOOK_SIZE, WIDTH, built, codes, conditions, masked_config
from torch import Tensor, nn

from narrows.models import load_checkpoint
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.masked.decoding import _Guided
from narrows.models.lm.masked.spans import Anywhere, Grid, draw_spans

WIDE, HEADS, DEPTH = 32, 4, 2


def build(*args: Any, **kwargs: Any) -> Any:
    """A model in eval mode, the same at every call."""
    return built(masked_config(*args, **kwargs))


def reference() -> tuple[list[Any], dict[str, Tensor]]:
    """Layers of torch with random weights, and these by the names of AudioCraft, embeddings and heads besides."""
    torch.manual_seed(1)
    layers, state = [], dict[str, Tensor]()
    for index in range(DEPTH):
        layer = nn.TransformerDecoderLayer(
            WIDE, HEADS, 2 * WIDE, 0.0, "gelu", norm_first=True, batch_first=True, bias=False
        ).eval()
        layer.norm1, layer.norm2, layer.norm3 = (nn.LayerNorm(WIDE) for _ in range(3))
        for parameter in layer.parameters():
            nn.init.normal_(parameter, std=0.3)
        names = {"norm2": "norm_cross", "norm3": "norm2", "multihead_attn": "cross_attention"}
        for name, tensor in layer.state_dict().items():
            head, _, rest = name.partition(".")
            state[f"transformer.layers.{index}.{names.get(head, head)}.{rest}"] = tensor.clone()
        layers.append(layer)
    sizes = {"emb.{}.weight": CODEBOOK_SIZE + 1, "linears.{}.weight": CODEBOOK_SIZE}
    state |= {name.format(k): torch.randn(size, WIDE) for name, size in sizes.items() for k in range(4)}
    state |= {"out_norm.weight": torch.randn(WIDE), "out_norm.bias": torch.randn(WIDE)}
    projection = "condition_provider.conditioners.description.output_proj."
    return layers, state | {f"{projection}weight": torch.randn(WIDE, WIDTH), f"{projection}bias": torch.randn(WIDE)}


@pytest.mark.parametrize("codebook", [0, 2])
def test_weights_of_audiocraft_say_what_its_layers_say(codebook: int, tmp_path: Path) -> None:
    layers, state = reference()
    torch.save({"best_state": state, "xp.cfg": "solver: magnet"}, tmp_path / "state_dict.pt")
    model = build(cross=True)
    load_checkpoint(model.lm, tmp_path / "state_dict.pt")
    given, tensors = codes(2, 20), {"text": (conditions(2)["text"][0], torch.ones(2, 3))}
    with torch.no_grad():
        x = sum(nn.functional.embedding(given[:, k], state[f"emb.{k}.weight"]) for k in range(4))
        half = WIDE // 2
        angles = torch.arange(20)[:, None] / 10000 ** (torch.arange(half) / (half - 1))
        x = x + torch.cat((angles.cos(), angles.sin()), dim=-1)
        projection = "condition_provider.conditioners.description.output_proj."
        context = nn.functional.linear(tensors["text"][0], state[f"{projection}weight"], state[f"{projection}bias"])
        apart = (torch.arange(20)[:, None] - torch.arange(20)).abs() > 5
        for layer in layers:
            x = layer(x, context, tgt_mask=apart if codebook else None)
        x = nn.functional.layer_norm(x, (WIDE,), state["out_norm.weight"], state["out_norm.bias"])
        projected = model.lm.backbone.project(model.conditions(tensors, 2))
        ours = model.lm(given, codebook, projected)
    torch.testing.assert_close(ours, x @ state[f"linears.{codebook}.weight"].T, rtol=1e-4, atol=1e-4)


def filled(model: Any, start: Tensor, frames: int, steps: int, span: int, scoring: str) -> Tensor:
    """Greedy decoding of one item as the paper tells it, span by span in plain Python."""
    made = torch.full((1, 4, frames), CODEBOOK_SIZE)
    held = start.shape[-1]
    spans = [range(i, min(i + span, frames)) for i in range(0, frames, span)]
    for k in range(4):
        made[0, k, :held] = start[0, k]
        sure = {i: -1.0 for i, frames_of in enumerate(spans) if any(frame >= held for frame in frames_of)}
        count = len(sure)
        for step in range(steps):
            share = cos(step / (steps - 1) * pi / 2) if steps > 1 else 1.0
            again = sorted(sure, key=lambda i: (sure[i], i))[: max(int(share * count + 1e-7), 1)]
            places = [frame for i in again for frame in spans[i] if frame >= held]
            made[0, k, places] = CODEBOOK_SIZE
            said = torch.softmax(model.lm(made, k, model.conditions(None, 1))[0], dim=-1)
            drawn = said.argmax(-1)
            made[0, k, places] = drawn[places]
            likely = said.amax(-1)
            of_spans = {i: likely[list(spans[i])] for i in again}
            sure = {i: float(p.amax() if scoring == "max" else p.log().sum()) for i, p in of_spans.items()}
    return made


@pytest.mark.parametrize("scoring", ["max", "prod"])
@pytest.mark.parametrize(("frames", "prompt"), [(12, 0), (14, 4)])
def test_the_likeliest_spans_stay(scoring: str, frames: int, prompt: int) -> None:
    start = codes(1, prompt)
    for steps in (1, 5):
        model = build(decoding={"steps": [steps], "span_scoring": scoring})
        made = model.generate_codes(frames, prompt_codes=start, temperature=0)
        with torch.no_grad():
            assert torch.equal(made, filled(model, start, frames, steps, 3, scoring))


@pytest.mark.parametrize("arrangement", ["nonoverlap", "stride1"])
def test_each_item_is_what_it_is_alone(arrangement: str) -> None:
    model = build(decoding={"steps": [4, 2], "span_arrangement": arrangement})
    seconds, seeds = [0.1, 0.06, 0.13, 0.1], [9, 5, 5, 7]
    asked: dict[str, Any] = {"temperature": 3.0, "top_p": 0.9, "return_info": True}
    for size in (None, 1):
        together = model.generate(seconds=seconds, seed=seeds, batch_size=size, **asked)
        assert [a.shape[-1] for a in together.audio] == [80, 48, 104, 80]
        for i, (length, seed) in enumerate(zip(seconds, seeds, strict=True)):
            alone = model.generate(seconds=length, seed=seed, **asked)
            assert torch.equal(alone.codes[0], together.codes[i])
            assert int(alone.codes[0].max()) < CODEBOOK_SIZE
    assert not torch.equal(together.codes[0], together.codes[3])


@pytest.mark.parametrize("arrangement", ["nonoverlap", "stride1"])
def test_holes_are_filled_and_the_rest_stays(arrangement: str) -> None:
    model = build(decoding={"steps": [4, 2], "span_arrangement": arrangement})
    audio = torch.randn(1, 160, generator=torch.Generator().manual_seed(0))
    tokens = model.tokenize(audio[None])[0]
    made = model.generate(
        seconds=0.2, seed=1, count=2, inpaint=(audio, 800), regions=[(0.051, 0.099)], return_info=True
    )
    for item in made.codes:
        assert torch.equal(item[:, :5], tokens[:, :5])
        assert torch.equal(item[:, 10:], tokens[:, 10:])
        assert not torch.equal(item[:, 5:10], tokens[:, 5:10])
    assert not torch.equal(made.codes[0], made.codes[1])
    going_on = model.generate(seconds=0.2, seed=1, prompt_codes=tokens[:, :7], return_info=True).codes[0]
    assert torch.equal(going_on[:, :7], tokens[:, :7])
    assert torch.equal(model.generate_codes(20, prompt_codes=tokens[None]), tokens[None])


def test_windows_go_on_beyond_the_trained_length() -> None:
    model = build(decoding={"steps": [3]})
    made = model.generate_codes(25, window=10, generator=torch.Generator().manual_seed(0))
    assert made.shape == (1, 4, 25)
    assert int(made.max()) < CODEBOOK_SIZE
    pieces = list(model.stream_audio(25, window=10, generator=torch.Generator().manual_seed(0)))
    assert len(pieces) > 1
    torch.testing.assert_close(torch.cat(pieces, dim=-1), model.decode(made), rtol=1e-4, atol=1e-5)


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, float, int]]]:
    """Codebook, guidance and hidden tokens of each pass."""
    calls, original = list[tuple[int, float, int]](), _Guided.logits

    def logits(self: Any, given: Tensor, codebook: int, scale: float) -> Tensor:
        calls.append((codebook, scale, int((given[0, codebook] == CODEBOOK_SIZE).sum())))
        return original(self, given, codebook, scale)

    monkeypatch.setattr(_Guided, "logits", logits)
    yield calls


def test_guidance_and_hidden_tokens_become_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    model, done = build(cross=True, decoding={"steps": [5, 2], "final_cfg_scale": 2.0}), []
    with recorded(monkeypatch) as calls:
        model.generate_codes(
            12, condition_tensors=conditions(1), cfg_scale=10.0, on_step=lambda *step: done.append(step)
        )
    assert [book for book, _, _ in calls] == [0] * 5 + [1] * 2 + [2] * 2 + [3] * 2
    first = calls[:5]
    assert all(a[1] > b[1] and a[2] >= b[2] for a, b in pairwise(first))
    assert (first[0][1], first[-1][1]) == pytest.approx((10.0, 2.0))
    assert (first[0][2], first[-1][2]) == (12, 3)
    assert done == [(i, 11) for i in range(1, 12)]
    calls.clear()
    model.generate_codes(12, condition_tensors=conditions(1), decoding_steps=[1])
    assert len(calls) == 4


def test_conditions_and_options_of_draws_matter() -> None:
    model = build(cross=True)

    def made(**options: Any) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        return model.generate_codes(12, condition_tensors=conditions(1), generator=generator, **options)  # type: ignore[no-any-return]

    assert torch.equal(made(), made())
    for options in ({"cfg_scale": 5.0}, {"temperature": 4.0}, {"top_k": 1}, {"top_p": 0.1}):
        assert not torch.equal(made(), made(**options)), options
    flat = build(cross=True, decoding={"anneal_temperature": False})
    generator = torch.Generator().manual_seed(0)
    assert not torch.equal(made(), flat.generate_codes(12, condition_tensors=conditions(1), generator=generator))


def gradients(model: Any, loss: Tensor) -> dict[str, Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.lm.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("codebook", [0, 1])
def test_padding_changes_neither_loss_nor_gradient(codebook: int) -> None:
    model, lengths = build(), [11, 5]
    hidden = model.lm.draw_hidden(2, 11, lengths, torch.Generator().manual_seed(3))._replace(codebook=codebook)
    results = []
    for seed in (4, 5):
        padded = codes(2, 11)
        padded[1, :, 5:] = codes(1, 6, seed=seed)[0]
        loss = model.cross_entropy(padded, lengths=lengths, hidden=hidden)
        results.append((loss.sums, gradients(model, loss.mean)))
    assert torch.equal(results[0][0], results[1][0])
    assert all(torch.equal(grad, results[1][1][name]) for name, grad in results[0][1].items())
    alone = [
        model.cross_entropy(codes(2, 11)[i : i + 1, :, :n], hidden=hidden._replace(frames=hidden.frames[i : i + 1, :n]))
        for i, n in enumerate(lengths)
    ]
    torch.testing.assert_close(alone[0].sums + alone[1].sums, results[0][0], rtol=1e-4, atol=1e-4)
    assert torch.equal(results[0][0] != 0, torch.arange(4) == codebook)


def test_hidden_tokens_and_those_behind_are_not_seen() -> None:
    model, given = build(), codes(1, 12)
    hidden = model.lm.draw_hidden(1, 12, None, torch.Generator().manual_seed(1))._replace(codebook=1)
    other = given.clone()
    other[0, 1, hidden.frames[0]] = (other[0, 1, hidden.frames[0]] + 1) % CODEBOOK_SIZE
    other[0, 2:] = (other[0, 2:] + 1) % CODEBOOK_SIZE
    said = [model.lm.predict(c, model.conditions(None, 1), None, hidden)[0][:, 1] for c in (given, other)]
    assert torch.equal(*said)
    assert torch.equal(
        model.lm.prediction_counts(1, 12, None, hidden), torch.tensor([0, int(hidden.frames.sum()), 0, 0])
    )


@pytest.mark.parametrize("lengths", [None, [30, 17]])
def test_evaluation_predicts_each_token_once_without_seeing_it(lengths: list[int] | None) -> None:
    model, given = build(), codes(2, 30)
    out = model.compute_logits(given, lengths=lengths)
    assert out.mask.sum((0, 2)).tolist() == model.lm.prediction_counts(2, 30, lengths).tolist()
    assert torch.equal(model.compute_logits(given, lengths=lengths).logits.nan_to_num(), out.logits.nan_to_num())
    for codebook, frame in ((0, 3), (0, 16), (2, 9), (3, 0)):
        other = given.clone()
        other[1, codebook, frame] = (other[1, codebook, frame] + 1) % CODEBOOK_SIZE
        changed = model.compute_logits(other, lengths=lengths).logits
        assert torch.equal(changed[1, codebook, frame], out.logits[1, codebook, frame])
        assert torch.equal(changed[1, :codebook].nan_to_num(), out.logits[1, :codebook].nan_to_num())
        assert not torch.equal(changed.nan_to_num(), out.logits.nan_to_num())


def test_further_codebooks_see_a_few_frames_alone() -> None:
    model, given = build(options={"depth": 1, "subcodes_context": 2}), codes(1, 12)
    other = given.clone()
    other[0, 0, 6] = (other[0, 0, 6] + 1) % CODEBOOK_SIZE
    nothing = model.conditions(None, 1)
    for codebook, reach in ((0, 12), (1, 2), (3, 2)):
        with torch.no_grad():
            apart = (model.lm(given, codebook, nothing) != model.lm(other, codebook, nothing)).any(-1)[0]
        assert apart.tolist() == [abs(frame - 6) <= reach for frame in range(12)]


@given(st.integers(1, 40), st.integers(1, 6), st.floats(0, 1), st.integers(0, 3))
def test_spans_are_whole_and_at_least_one(frames: int, span: int, share: float, seed: int) -> None:
    hidden = draw_spans(frames, span, share, torch.Generator().manual_seed(seed))
    runs = "".join("x" if h else " " for h in hidden.tolist())
    assert hidden.shape == (frames,)
    assert hidden.any()
    assert all(len(run) >= span for run in runs.split()[:-1])
    assert len(runs.split()[-1]) >= min(span, len(runs) - runs.rindex(runs.split()[-1]))


@pytest.mark.parametrize("span", [1, 3, 5])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_spans_hide_the_share_that_is_asked_for(span: int, share: float) -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.stack([draw_spans(100, span, share, generator) for _ in range(300)])
    assert float(drawn.float().mean()) == pytest.approx(share, abs=0.05)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 30), st.integers(1, 30), st.booleans())
def test_as_many_frames_are_hidden_as_asked_for(frames: int, span: int, held: int, count: int, grid: bool) -> None:
    given = (torch.arange(frames) < held)[None]
    spans = Grid(given, span, "max") if grid else Anywhere(given, span)
    free = int(spans.free())
    wanted = torch.tensor([min(count, free)])
    likely = torch.rand(1, frames, generator=torch.Generator().manual_seed(count)).clamp(min=1e-3)
    hidden = spans.hidden(spans.scores(likely, ~given), wanted) & ~given
    if grid:
        units = hidden[0].nonzero().flatten() // span
        assert len(units.unique()) == int(wanted)
    else:
        assert int(hidden.sum()) <= max(int(wanted), min(span, frames))
        assert not free or hidden.any()


def test_every_weight_learns() -> None:
    model = build(cross=True).train()
    generator, learnt = torch.Generator().manual_seed(0), set[str]()
    for _ in range(16):
        hidden = model.lm.draw_hidden(2, 12, None, generator)
        loss = model.cross_entropy(codes(2, 12), conditions(2), hidden=hidden)
        found = gradients(model, loss.mean)
        assert set(found) == {name for name, _ in model.lm.named_parameters()}
        learnt |= {name for name, grad in found.items() if grad.any()}
    assert learnt == {name for name, _ in model.lm.named_parameters()}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"lengths": [5, 8], "batch_size": 2}, "in masked models, all the same"),
        ({"decoding_steps": [0]}, "decoding_steps must be"),
        ({"prompt_codes": codes(1, 3), "regenerate": torch.ones(1, 2)}, r"shape \(1, 3\)"),
        ({"prompt_codes": codes(1, 3), "regenerate": torch.ones(1, 3), "window": 4}, "do not go together"),
    ],
)
def test_wrong_calls(call: dict[str, Any], words: str) -> None:
    with pytest.raises(LanguageModelError, match=words):
        build().generate_codes(8, **call)


def test_wrong_holes() -> None:
    audio = (torch.zeros(1, 160), 800)
    for call, words in (
        ({"inpaint": audio}, "together with regions"),
        ({"regions": [(0, 1)]}, "together with regions"),
        ({"inpaint": audio, "regions": [(2, 1)]}, "region is"),
        ({"inpaint": audio, "regions": [(5, 6)]}, "within the 0.20 s"),
    ):
        with pytest.raises(LanguageModelError, match=words):
            build().generate(seconds=0.2, **call)  # type: ignore[arg-type]
