"""Recorded steps say what steps say; on a GPU as CUDA graphs, elsewhere on a tape that fixes what a graph fixes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from weakref import ref

import pytest
import torch
from models.lm.test_generation import OPTIONS, SAMPLED, generators
from support.gpu import exact  # noqa: F401
from support.tape import TapeRecorder
from support.tiny_lm import BACKBONES, PATTERNS, build, built, codes, conditions, musicgen_config
from torch import Tensor

from narrows.models.lm import generation, recording
from narrows.models.lm.coding import walk
from narrows.models.lm.generation import GenerationOptions, Predictor
from narrows.models.lm.recording import RecordedSteps, RecordingWarning, places

STEPS = 13


@pytest.fixture
def tape(monkeypatch: pytest.MonkeyPatch) -> TapeRecorder:
    """What records steps in this test; the sizes are 4, 8, 16 ..."""
    recorder = TapeRecorder()
    monkeypatch.setattr(recording, "SMALLEST", 4)
    monkeypatch.setattr(generation, "recorder_of", lambda device: recorder)
    return recorder


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Nothing may wait for the garbage collection."""
    gc.disable()
    yield
    gc.enable()


def both(model: Any, *args: Any, **options: Any) -> tuple[Tensor, Tensor]:
    """Codes with recorded steps and without."""
    recorded, plain = (
        model.generate_codes(*args, **options, cuda_graphs=graphs, generator=generators(3, 4))
        for graphs in (True, False)
    )
    return recorded, plain


def said(model: Any, sequence: Tensor, tensors: Any, graphs: bool, prompt: int) -> list[Tensor]:
    """What is said behind each step of a sequence from that of the prompt on, guided."""
    given = model.conditions(tensors, len(sequence))
    null = None if tensors is None else given.null()
    options = GenerationOptions(cfg_scale=1.5, cuda_graphs=graphs)
    with torch.inference_mode():
        predictor = Predictor(model.lm, sequence.shape[-1], given, null, options)
        return [predictor.said(sequence[..., :s]).clone() for s in range(prompt, sequence.shape[-1] + 1)]


def check(model: Any, tape: TapeRecorder, tensors: Any, prompt: int = 1) -> None:
    """Recorded steps and others say the same, at all sizes; each size is recorded once."""
    sequence = codes(2, STEPS)
    recorded, plain = (said(model, sequence, tensors, graphs, prompt) for graphs in (True, False))
    torch.testing.assert_close(recorded, plain, rtol=1e-4, atol=1e-4)
    assert tape.recorded == len(set(tape.played))
    assert all(after - before in (0, 1) for before, after in pairwise(tape.played))
    assert len(tape.played) >= STEPS - prompt - 1  # the first step may come again with the second


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("prompt", [1, 6])
def test_recorded_steps_say_what_steps_say(backbone: str, full: bool, prompt: int, tape: TapeRecorder) -> None:
    """With prepended, attended and added conditions, some of them padding."""
    attention = "full" if full else "reference"
    model = build(backbone, cross=True, prepend=True, added=True, cross_attention=attention)
    check(model, tape, conditions(2, tokens=8, padded=True), prompt)
    assert tape.recorded >= 2


@pytest.mark.parametrize("backbone", BACKBONES)
def test_recorded_steps_without_conditions(backbone: str, tape: TapeRecorder) -> None:
    check(build(backbone), tape, None)
    assert tape.recorded == 3  # 4, 8 and all 13 places


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("attention", ["reference", "full"])
def test_recorded_steps_with_every_option(name: str, attention: str, tape: TapeRecorder) -> None:
    model = build(options=OPTIONS[name], cross=True, cross_attention=attention)
    check(model, tape, conditions(2, tokens=8, padded=True))


def test_recorded_steps_of_musicgen(tape: TapeRecorder) -> None:
    check(built(musicgen_config()), tape, {"text": conditions(2, padded=True)["text"]})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_codes_of_recorded_steps_are_those_of_steps(pattern: str, tape: TapeRecorder) -> None:
    for backbone in BACKBONES:
        model = build(backbone, PATTERNS[pattern], cross=True, prepend=True)
        for options, prompt in (({"temperature": 0.0}, None), (SAMPLED, codes(2, 7))):
            recorded, plain = both(model, 10, 2, conditions(2), prompt, cfg_scale=2.5, **options)
            assert torch.equal(recorded, plain)
    assert tape.recorded > 3


def test_codes_with_a_depth_transformer_ends_and_windows(tape: TapeRecorder) -> None:
    depth = {"dim": 32, "dim_heads": 16, "depth": 2}
    for options in ({"depth": depth}, {"end_token": True}, {"depth": depth, "end_token": True}):
        model = build(cross=True, **options)
        for window in (None, 9):
            recorded, plain = both(model, 14, 2, conditions(2), cfg_scale=2.0, window=window, **SAMPLED)
            assert torch.equal(recorded, plain)
    lengths = both(build(), 14, 2, lengths=[14, 5], **SAMPLED)
    assert torch.equal(*lengths)
    assert tape.recorded > 10


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_run_goes_on_where_a_step_cannot_be_recorded(
    failing: int, tape: TapeRecorder, recwarn: pytest.WarningsRecorder
) -> None:
    """From the same state, with the same tokens; the warning comes once and says why."""
    tape.failing = failing
    recorded, plain = both(build(cross=True), 20, 2, conditions(2), cfg_scale=2.0, **SAMPLED)
    assert torch.equal(recorded, plain)
    assert tape.recorded == failing + 1
    [warning] = recwarn.list
    assert warning.category is RecordingWarning
    assert "(operation not permitted when stream is capturing)" in str(warning.message)


def test_a_step_that_asks_the_device_cannot_be_recorded(tape: TapeRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    plain = model.generate_codes(9, 2, generator=generators(3, 4), cuda_graphs=False)
    step = type(model.lm).step

    def asking(self: Any, tokens: Tensor, *rest: Any) -> Tensor:
        assert int(tokens.max()) >= 0
        return step(self, tokens, *rest)

    monkeypatch.setattr(type(model.lm), "step", asking)
    with pytest.warns(RecordingWarning):
        assert torch.equal(model.generate_codes(9, 2, generator=generators(3, 4)), plain)
    assert tape.played == []


def test_what_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs without a cache, those that ask for none, coders of tokens, whose both sides must agree, and the CPU."""
    assert recording.recorder_of(torch.device("cpu")) is None
    recorder = TapeRecorder()
    monkeypatch.setattr(generation, "recorder_of", lambda device: recorder)
    model = build()
    model.generate_codes(5, 2, cache=False)
    model.generate_codes(5, 2, cuda_graphs=False)
    walk(model.lm, codes(2, 5), torch.tensor([5, 5]), lambda k, logits, known: known)
    assert recorder.recorded == 0
    model.generate_codes(5, 2)
    assert recorder.recorded == 1


def test_steps_are_recorded_behind_others_and_without_gradients() -> None:
    model, recorder = build(), TapeRecorder()
    cache = model.lm.backbone.new_cache(4, model.conditions(None, 2))
    steps, tokens = RecordedSteps(cache, recorder), codes(2, 3)

    def work(new: Tensor) -> Tensor:
        made: Tensor = model.lm.step(new, model.conditions(None, 2), cache, model.lm.tables())
        return made

    with torch.no_grad():
        assert steps(tokens[..., :1], work) is None  # the first
        work(tokens[..., :1])
        assert steps(tokens[..., 1:], work) is None  # two at a time
        first = steps(tokens[..., 1:2], work)
        assert first is not None
        kept = first.clone()
        second = steps(tokens[..., 2:], work)
        assert second is first  # the same memory, played again
        assert not torch.equal(kept, second)
        assert cache.position == 3
    assert steps(tokens[..., 2:], work) is None  # writing into what a gradient needs is not possible
    with torch.no_grad():
        assert steps(tokens[..., 2:], work) is not None
        assert steps(tokens[..., 2:], work) is None  # the cache is full, as the step itself says
        with pytest.raises(ValueError, match="room for 4 tokens"):
            work(tokens[..., 2:])
    assert recorder.played == [0, 0, 0]


@pytest.mark.parametrize("graphs", [False, True])
def test_the_memory_of_a_run_is_freed_with_it(graphs: bool, no_collection: None, tape: TapeRecorder) -> None:
    model = build()
    predictor = Predictor(model.lm, 9, model.conditions(None, 2), None, GenerationOptions(cuda_graphs=graphs))
    with torch.inference_mode():
        for step in range(1, 9):
            predictor.said(codes(2, 9)[..., :step])
    assert predictor.cache is not None
    memory = ref(predictor.cache.layers[0].self_attn.values)
    assert memory() is not None
    del predictor
    assert memory() is None


@pytest.mark.parametrize(
    ("position", "capacity", "length"),
    [(1, 1000, 64), (63, 1000, 64), (64, 1000, 128), (127, 1000, 128), (600, 1000, 1000), (3, 20, 20), (64, 65, 65)],
)
def test_sizes_double_up_to_the_capacity(position: int, capacity: int, length: int) -> None:
    assert places(position, capacity) == length


@pytest.mark.cuda
@pytest.mark.parametrize("backbone", [*BACKBONES, "musicgen"])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_graphs_make_the_codes_of_steps(backbone: str, precision: torch.dtype) -> None:
    """Greedy and seeded, across two borders between sizes; in short precision the logits are alike."""
    if backbone == "musicgen":
        model, tensors = built(musicgen_config()), {"text": conditions(2, padded=True)["text"]}
    else:
        model, tensors = build(backbone, cross=True, prepend=True, added=True), conditions(2, padded=True)
    model.lm.to("cuda", precision)
    if precision == torch.float32:
        for options in ({"temperature": 0.0}, SAMPLED):
            assert torch.equal(*both(model, 150, 2, tensors, codes(2, 3).cuda(), cfg_scale=2.0, **options))
    recorded, plain = (said(model, codes(2, 150).cuda(), tensors, graphs, 2) for graphs in (True, False))
    error = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(recorded, plain, strict=True))
    assert error < (1e-4 if precision == torch.float32 else 0.1)


@pytest.mark.cuda
def test_graphs_with_every_option() -> None:
    for options in OPTIONS.values():
        model = build(options=options, cross=True)
        model.lm.to("cuda")
        assert torch.equal(*both(model, 80, 2, conditions(2, tokens=8), cfg_scale=1.5, temperature=0.0))


@pytest.mark.cuda
def test_graphs_are_used_and_their_memory_is_freed(no_collection: None) -> None:
    model = build(options={"embed_dim": 128})
    model.lm.to("cuda")
    plays = []

    def run() -> int:
        before = torch.cuda.memory_allocated()
        predictor = Predictor(model.lm, 300, model.conditions(None, 2), None, GenerationOptions())
        with torch.inference_mode():
            for step in range(1, 300):
                predictor.said(codes(2, 300).cuda()[..., :step])
        assert predictor.recorded is not None
        plays.append(len(predictor.recorded.plays))
        del predictor
        torch.cuda.synchronize()
        return torch.cuda.memory_allocated() - before

    run()  # libraries keep what they allocate at first
    assert run() == 0
    assert plays == [4, 4]


@pytest.mark.cuda
def test_a_run_goes_on_where_a_capture_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    model.lm.to("cuda")
    plain = model.generate_codes(80, 2, generator=generators(3, 4), cuda_graphs=False)
    step = type(model.lm).step

    def asking(self: Any, tokens: Tensor, *rest: Any) -> Tensor:
        assert int(tokens.max()) >= 0
        return step(self, tokens, *rest)

    stream = torch.cuda.current_stream()
    monkeypatch.setattr(type(model.lm), "step", asking)
    with pytest.warns(RecordingWarning):
        assert torch.equal(model.generate_codes(80, 2, generator=generators(3, 4)), plain)
    monkeypatch.undo()
    assert torch.cuda.current_stream() == stream
    assert torch.rand(1, device="cuda") < 1  # torch's global generator draws as before
    assert torch.equal(model.generate_codes(80, 2, generator=generators(3, 4)), plain)
