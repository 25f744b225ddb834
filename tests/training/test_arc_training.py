"""Adversarial post-training takes a flow to few steps: two phases, both sides, exact resuming."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from support.checkpoints import assert_same
from support.diffusion_cases import CHANNELS, DIT, FRAMES, RATIO, codec, diffusion_model, tone_data, write_tones
from support.option_coverage import noted, unread
from support.processes import moments, run_killed, torchrun
from support.stored_data import encoded, experiment, stored_data
from support.training_cases import RATE
from torch import Generator, Tensor

from narrows.configs import ConfigError, load_config
from narrows.models import create_model_from_config, load_model, save_model
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import checkpoint_path, newest_checkpoint, read_checkpoint
from narrows.training.generative.arc.adversarial import contrast, drawn_times, exchanged
from narrows.training.generative.arc.judge import JudgeError
from narrows.training.generative.arc.trimming import trimmed
from narrows.training.generative.draws import StepDraws
from narrows.training.trainers.arc import ARCTrainer

TIMES = ["uniform", "logit_normal", "trunc_logit_normal", "one_shot", "denoised", "logsnr_uniform"]
HEADS: dict[str, dict[str, Any]] = {
    "convnext": {
        "type": "convnext",
        "config": {"channels": 4, "c_mults": [1, 2], "strides": [2, 4], "num_blocks": [1, 1]},
    },
    "conv": {"type": "conv", "config": {"soft_clip_scale": 2.0}},
}
CONDITIONING: dict[str, Any] = {
    "cond_dim": 32,
    "configs": [
        {"id": "prompt", "type": "int", "config": {"min_val": 0, "max_val": 2}},
        {"id": "seconds_total", "type": "number", "config": {"min_val": 0, "max_val": 1}},
    ],
    "default_keys": {"prompt": "class"},
}
RATE_OF = {"optimizer": {"type": "AdamW", "config": {"lr": 1e-3}}}
SGD = {"optimizer": {"type": "SGD", "config": {"lr": 0.05}}}


def arc_model(kind: str = "diffusion_cond", head: str = "convnext", optimizer: Any = None, **sections: Any) -> Any:
    """A model file of post-training; `arc`, `discriminator` and `warmup` are merged into its sections."""
    discriminator = {**HEADS[head], "dit_hidden_layer": 1, **sections.pop("discriminator", {})}
    arc = {"use_model_as_discriminator": True, "discriminator": discriminator, **sections.pop("arc", {})}
    optimizers = dict.fromkeys(("diffusion", "discriminator"), optimizer or RATE_OF)
    options = {"optimizer_configs": optimizers, "learning_rate": None, "pre_encoded": True, "arc": arc, **sections}
    diffusion = {"cross_attention_cond_ids": ["prompt", "seconds_total"]}
    document = diffusion_model(kind, diffusion, **options)
    document["model"]["conditioning"] = CONDITIONING
    document["training"]["demo"] |= {"demo_cfg_scales": [1.0], "demo_every": 100, "num_demos": 1}
    return document


def warmed(teacher: Path, **options: Any) -> dict[str, Any]:
    """An `arc` section with a warm-up."""
    warmup = {"warmup_steps": 3, "refresh_rate": 2, "sampling_steps": 3, "cfg": 2.0, **options}
    return {"use_model_as_teacher": True, "teacher_model_ckpt": str(teacher), "ode_warmup": warmup}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    document = {"model_type": "autoencoder", "sample_rate": RATE, "audio_channels": 2, "model": codec()["config"]}
    return save_model(create_model_from_config(document).eval(), tmp_path_factory.mktemp("codec") / "model")


@pytest.fixture(scope="module")
def stored(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    return encoded(tone_data(write_tones(folder / "tones")), encoder, folder / "latents", FRAMES * RATIO)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a model like the one that is trained."""
    document = arc_model()
    torch.manual_seed(5)
    model = create_model_from_config({key: value for key, value in document.items() if key != "training"})
    with torch.no_grad():
        for parameter in model.model.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=Generator().manual_seed(parameter.numel())))
    return save_model(model, tmp_path_factory.mktemp("teacher") / "model") / "model.safetensors"


def trainer_of(document: dict[str, Any], precision: Any = "32-true") -> Any:
    torch.manual_seed(0)
    trainer = create_training_wrapper_from_config(document, create_model_from_config(document))
    assert isinstance(trainer, ARCTrainer)
    trainer.setup(Fabric(accelerator="cpu", precision=precision))
    return trainer


def batch(items: int = 4, seed: int = 0, frames: int = FRAMES, lengths: list[int] | None = None) -> Any:
    latents = torch.randn(items, CHANNELS, frames, generator=Generator().manual_seed(seed))
    metadata: list[dict[str, Any]] = [{"class": index % 3, "seconds_total": 0.06} for index in range(items)]
    for index, length in enumerate(lengths or []):
        metadata[index]["padding_mask"] = torch.arange(frames) < length
        latents[index, :, length:] = 0
    return latents, metadata


def moved(document: dict[str, Any], *given: Any, steps: int = 2) -> tuple[dict[str, Tensor], dict[str, Tensor], Any]:
    """Weights of both sides after some steps."""
    trainer = trainer_of(document)
    torch.manual_seed(1)
    given = given or (batch(), batch(seed=1))
    for step in range(steps):
        result = trainer.step(given[: trainer.batches_at(step)], step)
        assert result.problem is None
    sides = (trainer.model, trainer.judge)
    model, judge = ({name: value.detach().clone() for name, value in side.named_parameters()} for side in sides)
    return model, judge, result.values


def differ(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return any(not torch.equal(value, other[name]) for name, value in one.items())


def test_mixed_precision_learns_what_full_precision_does_in_both_phases(teacher: Path) -> None:
    document = arc_model(discriminator={"contrastive": True}, arc=warmed(teacher, warmup_steps=1))
    given = (batch(), batch(seed=1))
    found: dict[str, list[dict[str, float]]] = {}
    for precision in ("32-true", "bf16-mixed"):
        trainer = trainer_of(document, precision)
        results = [trainer.step(given[: trainer.batches_at(step)], step) for step in range(2)]
        assert all(result.problem is None for result in results)
        found[precision] = [{name: float(value) for name, value in result.values.items()} for result in results]
    for exact, mixed in zip(*found.values(), strict=True):
        assert mixed == pytest.approx(exact, rel=0.05, abs=0.02)


@pytest.mark.parametrize("head", HEADS)
def test_both_sides_learn(head: str) -> None:
    document = arc_model(head=head)
    start = trainer_of(document)
    before = [dict(side.named_parameters()) for side in (start.model, start.judge)]
    model, judge, values = moved(document)
    assert {"loss", "discriminator_loss", "discriminator/relativistic"} <= values.keys()
    trained = {name for name, value in model.items() if not torch.equal(value, before[0][name])}
    assert any(name.startswith("model.model.transformer") for name in trained)
    assert not any(name.startswith("pretransform") for name in trained)
    assert differ(judge, before[1])
    # The features come from the layer that is named: what lies behind it has no part in the scores.
    assert torch.equal(
        judge["base.model.model.postprocess_conv.weight"], before[1]["base.model.model.postprocess_conv.weight"]
    )


def test_the_discriminator_starts_as_the_model() -> None:
    trainer = trainer_of(arc_model())
    own, base = trainer.model.model.state_dict(), trainer.judge.base.model.state_dict()
    assert all(torch.equal(value, base[name]) for name, value in own.items())
    assert trainer.judge.base.pretransform is None
    assert not {id(p) for p in trainer.judge.parameters()} & {id(p) for p in trainer.model.parameters()}


OPTIONS: dict[str, dict[str, Any]] = {
    **{f"generator {kind}": {"arc": {"noise_dist": {"generator": kind}}} for kind in TIMES[1:]},
    **{f"discriminator {kind}": {"arc": {"noise_dist": {"discriminator": kind}}} for kind in TIMES[1:]},
    "contrastive": {"discriminator": {"contrastive": True}},
    "contrastive weight": {"discriminator": {"contrastive": True, "weights": {"contrastive": 3.0}}},
    "gradient penalties": {"discriminator": {"include_grad_penalties": True}},
    "generator weight": {"discriminator": {"weights": {"generator": 3.0}}},
    "discriminator weight": {"discriminator": {"weights": {"discriminator": 3.0}}},
    "layer": {"discriminator": {"dit_hidden_layer": 0}},
    "clip_grad_norm": {"clip_grad_norm": 1e-3},
    "cfg_dropout_prob": {"cfg_dropout_prob": 0.9},
    "condition_dropout": {"condition_dropout": {"prompt": 0.9}},
}


@pytest.fixture(scope="module")
def plain() -> Any:
    return moved(arc_model(optimizer=SGD, cfg_dropout_prob=0.0))


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_changes_what_is_learnt(option: str, plain: Any) -> None:
    changed = moved(arc_model(optimizer=SGD, **{"cfg_dropout_prob": 0.0, **OPTIONS[option]}))
    assert differ(plain[0], changed[0]) or differ(plain[1], changed[1])


def test_terms_are_weighted_and_told_apart() -> None:
    found = moved(arc_model(discriminator={"contrastive": True, "include_grad_penalties": True}))[2]
    terms = [found[f"discriminator/{name}"] for name in ("relativistic", "contrastive", "gradient_penalty")]
    assert float(found["discriminator_loss"]) == pytest.approx(sum(map(float, terms)), rel=1e-5)
    assert all(float(term) > 0 for term in terms)


@pytest.mark.parametrize("kind", TIMES)
def test_processes_share_the_times_of_one(kind: str) -> None:
    whole = drawn_times(kind, 8, StepDraws(3), "time")
    assert bool(((whole >= 0) & (whole <= 1)).all())
    for rank in range(2):
        assert torch.equal(drawn_times(kind, 4, StepDraws(3, rank, 2), "time"), whole[rank::2])
    if kind in {"one_shot", "denoised"}:
        assert whole.unique().tolist() == [float(kind == "one_shot")]


def test_prompts_are_exchanged_around_the_batch_and_nothing_else_is_touched() -> None:
    items = [{"prompt": name, "seconds_total": index} for index, name in enumerate("aabc")]
    before = copy.deepcopy(items)
    whole = exchanged(items, list("aabc"), 0, 1)
    assert items == before
    assert [item["prompt"] for item in whole.conditions] == list("abca")
    assert [item["seconds_total"] for item in whole.conditions] == [0, 1, 2, 3]
    # The first and the second have one prompt.
    assert whole.weights.tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    for rank in range(2):
        half = exchanged(items[rank::2], list("aabc"), rank, 2)
        assert half.conditions == whole.conditions[rank::2]
        torch.testing.assert_close(half.weights, 2 * whole.weights[rank::2])
    assert exchanged(items[:2], list("aa"), 0, 1).weights.tolist() == [0, 0]


def test_items_with_the_same_prompt_teach_no_contrast() -> None:
    own, other = torch.zeros(3, 2, requires_grad=True), torch.ones(3, 2)
    contrast(own, other, torch.tensor([0.5, 0.0, 0.5])).backward()
    assert own.grad is not None
    assert own.grad[1].abs().sum() == 0
    assert own.grad[0].abs().sum() > 0


def test_a_batch_is_trimmed_to_a_random_item_the_same_in_all_processes() -> None:
    lengths = [130, 150, 200, 160]
    given = batch(frames=256, lengths=lengths)
    found = set()
    for seed in range(12):
        signal, metadata = trimmed(given, 1.0, StepDraws(seed), lambda x: x, 1, 8)
        found.add(signal.shape[-1])
        assert all(len(item["padding_mask"]) == signal.shape[-1] for item in metadata)
        halves = [(given[0][rank::2], given[1][rank::2]) for rank in range(2)]
        sizes = []
        for rank, half in enumerate(halves):
            asked: list[Tensor] = []
            trimmed(half, 1.0, StepDraws(seed, rank, 2), lambda x, to=asked: to.append(x) or x, 1, 8)
            sizes.append(float(asked[0]))
        rounded = -(-int(sum(sizes)) // 8) * 8
        assert rounded == signal.shape[-1]
    assert found == {136, 152, 200, 160}
    assert trimmed(given, 0.0, StepDraws(0), lambda x: x, 1, 1)[0] is given[0]
    short = batch(frames=256, lengths=[4, 4, 4, 4])
    assert trimmed(short, 1.0, StepDraws(0), lambda x: x, 1, 1)[0].shape[-1] == 128


def test_trimming_changes_what_is_learnt() -> None:
    given = [batch(frames=192, lengths=[130, 140, 150, 160], seed=seed) for seed in range(2)]
    whole = moved(arc_model(optimizer=SGD, cfg_dropout_prob=0.0), *given)
    short = moved(arc_model(optimizer=SGD, cfg_dropout_prob=0.0, trim_config={"trim_prob": 1.0}), *given)
    assert differ(whole[0], short[0])


def test_the_warm_up_learns_the_ends_of_the_teachers_ways(teacher: Path) -> None:
    """With one pool of trajectories, the distance to their ends falls; the discriminator stays as it is."""
    document = arc_model(arc=warmed(teacher, warmup_steps=200, refresh_rate=200))
    trainer = trainer_of(document)
    before = copy.deepcopy(trainer.judge.state_dict())
    torch.manual_seed(0)
    values = [float(trainer.step([batch()], step).values["loss"]) for step in range(60)]
    assert sum(values[-10:]) < 0.7 * sum(values[:10])
    assert all(torch.equal(value, before[name]) for name, value in trainer.judge.state_dict().items())
    assert trainer.groups["discriminator"].updates == 0


def test_trajectories_are_what_the_teacher_generates(teacher: Path) -> None:
    trainer = trainer_of(arc_model(arc=warmed(teacher)))
    torch.manual_seed(0)
    trainer.step([batch()], 0)
    ways = trainer.ways[0]
    assert tuple(ways.x.shape) == (4, 3, CHANNELS, FRAMES)
    assert ways.time[:, 0].tolist() == [1.0] * 4
    assert bool((ways.time.diff(dim=1) < 0).all())
    tensors = trainer.teacher.conditioner(ways.batch.conditions, "cpu")
    inputs = trainer.teacher.get_conditioning_inputs(tensors)
    with torch.no_grad():
        last = trainer.teacher.predict(ways.x[:, -1], ways.time[:, -1], inputs, cfg_scale=2.0)
    assert ways.target.shape == last.shape
    assert trainer.ways[0] is ways
    trainer.step([batch(seed=1)], 1)
    assert trainer.ways[0] is ways, "until `refresh_rate`"
    trainer.step([batch(seed=1)], 2)
    assert trainer.ways[0] is not ways
    trainer.step([batch(), batch()], 3)
    assert trainer.teacher is None, "its memory is free behind the warm-up"


@pytest.mark.parametrize("option", ["refresh_rate", "sampling_steps", "cfg"])
def test_an_option_of_the_warm_up_changes_what_is_learnt(option: str, teacher: Path) -> None:
    one = moved(arc_model(optimizer=SGD, arc=warmed(teacher)), batch(), steps=2)
    other = moved(arc_model(optimizer=SGD, arc=warmed(teacher, **{option: 1})), batch(), steps=2)
    assert differ(one[0], other[0])


@pytest.mark.parametrize("kind", ["diffusion_cond", pytest.param("diffusion_cond_inpaint", marks=pytest.mark.slow)])
def test_a_run_goes_on_exactly_in_the_middle_of_each_phase(
    kind: str, stored: Path, encoder: Path, teacher: Path, tmp_path: Path
) -> None:
    """Stopped between two refreshes of the trajectories, and behind the warm-up."""
    document = arc_model(kind, discriminator={"contrastive": True, "include_grad_penalties": True}, arc=warmed(teacher))
    if kind == "diffusion_cond_inpaint":
        document["training"]["arc"] |= {
            "use_model_as_teacher": True,
            "teacher_model_ckpt": str(_weights(document, tmp_path)),
        }
    data = stored_data(stored)
    settings = {"batch_size": 2, "val_every": 3, "val_batches": 1, "checkpoint_every": 100}
    whole = train(experiment(data, tmp_path / "whole", document, encoder, steps=5, **settings), progress=False)
    for steps in (1, 4, 5):
        parts = train(experiment(data, tmp_path / "parts", document, encoder, steps=steps, **settings), progress=False)
    one, other = read_checkpoint(whole.checkpoint), read_checkpoint(parts.checkpoint)
    assert_same(one, other)
    assert any(name.startswith("discriminator.head") for name in one["state_dict"])
    assert set(one["optimizers"]) == {"diffusion", "discriminator"}
    assert "latent_frechet" in whole.metrics
    middle = read_checkpoint(tmp_path / "parts/run/checkpoints/step=00000004.ckpt")
    assert "trajectories" not in middle


def _weights(document: dict[str, Any], folder: Path) -> Path:
    torch.manual_seed(5)
    model = create_model_from_config({key: value for key, value in document.items() if key != "training"})
    return save_model(model, folder / "own_teacher") / "model.safetensors"


def test_the_result_is_sampled_as_it_was_trained(stored: Path, encoder: Path, tmp_path: Path) -> None:
    """Nobody has to know the sampler: the folder, the checkpoint and the demos take ping-pong without guidance."""
    run = train(experiment(stored_data(stored), tmp_path, arc_model(), encoder, steps=2), progress=False)
    expected = {"sampler": "pingpong", "steps": 8, "cfg_scale": 1.0}
    for saved in (load_model(run.model), load_model(run.checkpoint)):
        assert saved.config.generation.model_dump(exclude_none=True) == expected
    found = saved.generate([{"prompt": 1, "seconds_total": 0.05}], seed=3, return_info=True)
    asked = saved.generate([{"prompt": 1, "seconds_total": 0.05}], seed=3, **expected)
    assert torch.equal(found.audio[0], asked[0, :, : found.audio[0].shape[-1]])
    document = arc_model()
    document["generation"] = {"steps": 4}
    own = train(experiment(stored_data(stored), tmp_path / "own", document, encoder, steps=1), progress=False)
    assert json.loads((own.model / "model_config.json").read_text())["generation"] == {**expected, "steps": 4}


def test_every_option_is_read(stored: Path, encoder: Path, teacher: Path, tmp_path: Path) -> None:
    head = {"contrastive": True, "include_grad_penalties": True}
    document = arc_model(discriminator=head, arc=warmed(teacher, warmup_steps=1), trim_config={"trim_prob": 0.5})
    with noted() as read:
        train(experiment(stored_data(stored), tmp_path, document, encoder, steps=2), progress=False)
    training = load_config(document, "model").training
    arc = training.arc
    for section in (arc, arc.ode_warmup, arc.noise_dist, arc.discriminator, arc.discriminator.config):
        assert unread(type(section), read) == set(), type(section).__name__
    assert unread(type(arc.discriminator.weights), read) == set()
    # `type` of `trim_config` has one value.
    assert unread(type(training.trim_config), read) == set()


def test_what_does_not_fit_is_refused_by_name() -> None:
    deep = {"channels": 4, "c_mults": [1, 2, 4, 8], "strides": [2, 4, 8, 8]}
    with pytest.raises(JudgeError, match="a crop has 64 tokens, too few"):
        trainer_of(arc_model(discriminator={"config": deep}))
    document = arc_model(head="conv")
    document["model"]["diffusion"]["config"] = {**DIT, "embed_dim": 48, "project_cond_tokens": True}
    with pytest.raises(JudgeError, match="channels must be a multiple, got 48"):
        trainer_of(document)
    wrong = arc_model()
    teacher_of = arc_model()
    teacher_of["model"]["diffusion"]["diffusion_objective"] = "v"
    del teacher_of["training"]
    wrong["training"]["arc"] |= {"teacher_model": teacher_of, "teacher_model_ckpt": "x.ckpt"}
    with pytest.raises(ConfigError, match="predict a flow"):
        load_config(wrong, "model")


def test_losses_of_two_halves_are_those_of_the_whole() -> None:
    """What two processes average is what one computes, on both sides, with all terms."""
    trainer = trainer_of(
        arc_model(cfg_dropout_prob=0.0, discriminator={"contrastive": True, "include_grad_penalties": True})
    )
    signal, metadata = batch(6)
    for index, item in enumerate(metadata):
        item["class"] = [0, 0, 1, 2, 2, 2][index]
    prompts = [item["class"] for item in metadata]

    def values(rank: int, world: int) -> Tensor:
        part = trainer.reader((signal[rank::world], metadata[rank::world]), StepDraws(7, rank, world))
        latents = trainer._latents(part)
        made = trainer._made(part, latents)
        terms = trainer.judging(latents, made, part, exchanged(part.conditions, prompts, rank, world))
        return torch.stack([*terms.values(), trainer.judging.generator_loss(latents, made, part)]).detach()

    torch.testing.assert_close((values(0, 2) + values(1, 2)) / 2, values(0, 1))


def test_trajectories_of_two_processes_are_those_of_one(teacher: Path) -> None:
    trainer = trainer_of(arc_model(arc=warmed(teacher)))
    signal, metadata = batch(4)

    def ways(rank: int, world: int) -> Any:
        part = trainer.reader((signal[rank::world], metadata[rank::world]), StepDraws(7, rank, world))
        return trainer._taught(part)

    whole = ways(0, 1)
    for rank in range(2):
        half = ways(rank, 2)
        torch.testing.assert_close(half.x, whole.x[rank::2])
        torch.testing.assert_close(half.target, whole.target[rank::2])
        points = [
            each.points(StepDraws(3, *place), torch.device("cpu"))[1]
            for each, place in ((whole, (0, 1)), (half, (rank, 2)))
        ]
        torch.testing.assert_close(points[1].x, points[0].x[rank::2])


KILLS = [["step:2", "write:3"], pytest.param(moments(10), marks=pytest.mark.long)]
"""In the warm-up and behind it; and ten times at any moment."""


@pytest.mark.parametrize("wanted", KILLS, ids=["2 kills", "10 kills"])
def test_killed_in_any_phase_the_result_is_the_same_bit_by_bit(
    wanted: list[str], stored: Path, encoder: Path, teacher: Path, tmp_path: Path
) -> None:
    steps = 2 * len(wanted) + 2
    document = arc_model(discriminator={"contrastive": True}, arc=warmed(teacher, warmup_steps=steps // 2))
    settings = {"steps": steps, "batch_size": 2, "val_every": 100, "val_batches": 1, "checkpoint_every": 1}
    data = stored_data(stored)
    whole = train(experiment(data, tmp_path / "whole", document, encoder, **settings), progress=False)
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps(experiment(data, tmp_path / "killed", document, encoder, **settings)))
    run_killed(path, wanted)
    folder = tmp_path / "killed/run"
    found = newest_checkpoint(folder / "checkpoints")
    assert found is not None
    assert_same(read_checkpoint(whole.checkpoint), found[1])
    weights = "model/model.safetensors"
    assert (whole.folder / weights).read_bytes() == (folder / weights).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_two_processes_equal_one(strategy: str, stored: Path, encoder: Path, teacher: Path, tmp_path: Path) -> None:
    head = {"contrastive": True, "include_grad_penalties": True}
    model = arc_model(optimizer=SGD, discriminator=head, arc=warmed(teacher), cfg_dropout_prob=0.0)
    data, settings = stored_data(stored), {"steps": 5, "val_batches": 1}
    one = train(experiment(data, tmp_path / "one", model, encoder, batch_size=4, **settings), progress=False)
    halves = experiment(data, tmp_path / "two", model, encoder, batch_size=2, devices=2, strategy=strategy, **settings)
    torchrun(halves, tmp_path / "experiment.json")
    together = read_checkpoint(checkpoint_path(tmp_path / "two/run/checkpoints", one.step))
    for name, value in read_checkpoint(one.checkpoint)["state_dict"].items():
        torch.testing.assert_close(together["state_dict"][name], value, rtol=1e-3, atol=1e-4, msg=name)
