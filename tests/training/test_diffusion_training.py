"""Diffusion models train on latents or on audio in the engine of all others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from lightning_fabric import Fabric
from support.diffusion_cases import CHANNELS, DEMO, FRAMES, RATIO, codec, diffusion_model, tone_data, write_tones
from support.option_coverage import noted, unread
from support.processes import torchrun
from support.stored_data import encoded, experiment, stored_data
from support.training_cases import RATE

from narrows.configs import load_config
from narrows.data import DataError
from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import checkpoint_path, read_checkpoint
from narrows.training.generative.noising import Noising

KINDS = ["diffusion_cond", "diffusion_uncond", "diffusion_cond_inpaint"]
SGD = {"diffusion": {"optimizer": {"type": "SGD", "config": {"lr": 0.1}}}}
SHARDED = {"strategy": "fsdp", "gradient_checkpointing": True}
"""As large models are trained: FSDP2, and activations that are computed again."""
EXACT: dict[str, Any] = {"optimizer_configs": SGD, "learning_rate": None}


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the codec."""
    torch.manual_seed(0)
    inner = codec()["config"]
    document = {"model_type": "autoencoder", "sample_rate": RATE, "audio_channels": 2, "model": inner}
    return save_model(create_model_from_config(document).eval(), tmp_path_factory.mktemp("codec") / "model")


@pytest.fixture(scope="module")
def stored(tones: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The latents of the tones."""
    folder = tmp_path_factory.mktemp("stored") / "latents"
    return encoded(tone_data(tones), encoder, folder, FRAMES * RATIO)


def weights(run: Any) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = read_checkpoint(run.checkpoint)["state_dict"]
    return found


def trainer_of(document: dict[str, Any], precision: Any = "32-true") -> Any:
    torch.manual_seed(0)
    trainer = create_training_wrapper_from_config(document, create_model_from_config(document))
    trainer.setup(Fabric(accelerator="cpu", precision=precision))
    trainer.train()
    return trainer


def batch(items: int = 4, seed: int = 0, lengths: list[int] | None = None) -> Any:
    """Latents and their metadata."""
    latents = torch.randn(items, CHANNELS, FRAMES, generator=torch.Generator().manual_seed(seed))
    metadata: list[dict[str, Any]] = [{"class": index % 3, "seconds_total": 0.06} for index in range(items)]
    for index, length in enumerate(lengths or []):
        metadata[index]["padding_mask"] = torch.arange(FRAMES) < length
        latents[index, :, length:] = 0
    return latents, metadata


def moved(document: dict[str, Any], given: Any, steps: int = 1) -> dict[str, torch.Tensor]:
    """Weights after some steps."""
    trainer = trainer_of(document)
    torch.manual_seed(1)
    for step in range(steps):
        assert trainer.step([given], step).problem is None
    return {name: value.detach().clone() for name, value in trainer.model.named_parameters()}


def differ(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return any(not torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_and_beats_a_constant(kind: str) -> None:
    """Constant latents of three classes are learnt in a moment."""
    trainer = trainer_of(diffusion_model(kind, pre_encoded=True, learning_rate=3e-3))
    torch.manual_seed(0)
    latents, metadata = batch(12)
    level = torch.tensor([-1.0, 0.0, 1.0]).repeat(4)[:, None, None]
    latents = level * torch.ones_like(latents) + 0.1 * latents
    values = [float(trainer.step([(latents, metadata)], step).values["loss"]) for step in range(60)]
    assert np.mean(values[-10:]) < 0.6 * np.mean(values[:5])
    found = trainer.validate([(latents, metadata)])
    assert found["loss/raw"] < found["loss/constant"]
    assert found["loss/gaussian"] < found["loss/constant"]
    mean = np.mean([found[f"time_{time}/raw"] for time in (0.1, 0.3, 0.5, 0.7, 0.9)])
    assert found["loss/raw"] == pytest.approx(mean)
    assert trainer.validate([(latents, metadata)]) == found


def test_latents_train_like_the_audio_they_are_of(tones: Path, stored: Path, encoder: Path, tmp_path: Path) -> None:
    """Half of the items are padded; noise, times and dropout are the same draws."""
    settings = {"steps": 3}
    online = train(
        experiment(tone_data(tones), tmp_path / "audio", diffusion_model(), encoder, **settings),
        progress=False,
    )
    offline = train(
        experiment(stored_data(stored), tmp_path / "latents", diffusion_model(pre_encoded=True), encoder, **settings),
        progress=False,
    )
    one, other = weights(online), weights(offline)
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, rtol=1e-4, atol=2e-5, msg=name)
    for name, value in online.metrics.items():
        assert offline.metrics[name] == pytest.approx(value, rel=1e-3, abs=1e-5), name


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_on_exactly(kind: str, stored: Path, encoder: Path, tmp_path: Path) -> None:
    more = {} if kind == "diffusion_uncond" else {"loss_weighting": "learned", "p_one_shot": 0.2}
    model, data = diffusion_model(kind, pre_encoded=True, **more), stored_data(stored)
    whole = train(experiment(data, tmp_path / "whole", model, encoder, steps=5), progress=False)
    for steps in (2, 5):
        parts = train(experiment(data, tmp_path / "parts", model, encoder, steps=steps), progress=False)
    one, other = weights(whole), weights(parts)
    assert any(name.startswith("ema.model") for name in one)
    assert not any(name.startswith("ema.pretransform") for name in one)
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    assert whole.metrics == parts.metrics
    page = whole.report.read_text()
    assert "loss/gaussian" in page
    assert "<audio" in page


def test_times_that_are_spread_evenly_go_on_where_they_stopped(
    stored: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[torch.Tensor] = []
    times = Noising.times

    def noted(self: Noising, lengths: Any, draws: Any) -> torch.Tensor:
        drawn.append(times(self, lengths, draws))
        return drawn[-1]

    monkeypatch.setattr(Noising, "times", noted)
    model = diffusion_model(pre_encoded=True, timestep_sampler="uniform", demo={"demo_every": 1000})
    settings = {"batch_size": 4, "val_batches": 0}
    train(experiment(stored_data(stored), tmp_path / "whole", model, encoder, steps=6, **settings), progress=False)
    whole, drawn = drawn, []
    for steps in (2, 3, 6):
        parts = experiment(stored_data(stored), tmp_path / "parts", model, encoder, steps=steps, **settings)
        train(parts, progress=False)
    assert len(whole) == 6
    assert torch.equal(torch.stack(whole), torch.stack(drawn))
    assert len({float(step[0]) for step in whole}) == 6
    for step in whole:
        assert torch.allclose(step.sort().values.diff(), torch.full((3,), 0.25), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_demos_are_what_the_saved_folder_generates(kind: str, stored: Path, encoder: Path, tmp_path: Path) -> None:
    model = diffusion_model(kind, pre_encoded=True)
    run = train(experiment(stored_data(stored), tmp_path, model, encoder, steps=2), progress=False)
    saved = load_model(run.model)
    heard = sorted((run.folder / "demos/step=00000002").glob("0?_generated.wav"))
    assert len(heard) == DEMO["num_demos"]
    named = [path.with_name(path.stem.replace("_generated", "") + ".json") for path in heard]
    requests = [json.loads(path.read_text()) for path in named]
    conditions = [request["conditions"] for request in requests]
    asked = {key: value for key, value in requests[0].items() if key != "conditions"}
    asked["seed"] = [request["seed"] for request in requests]
    # In one batch, as there: alone, a sound agrees to rounding.
    prompts, count = (conditions, 1) if any(conditions) else (None, len(heard))
    again = saved.generate(prompts, count=count, **asked)
    for path, expected in zip(heard, again, strict=True):
        sound = torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T)
        assert torch.equal(sound, expected[:, : sound.shape[-1]])
    codec_of = load_model(encoder).state_dict()
    assert all(torch.equal(value, saved.pretransform.model.state_dict()[name]) for name, value in codec_of.items())


def test_a_demo_of_inpainting_shows_what_was_given(stored: Path, encoder: Path, tmp_path: Path) -> None:
    model = diffusion_model("diffusion_cond_inpaint", pre_encoded=True)
    run = train(experiment(stored_data(stored), tmp_path, model, encoder, steps=2), progress=False)
    folder = run.folder / "demos/step=00000002"

    def read(name: str) -> Any:
        return soundfile.read(folder / f"00_inpaint_{name}.wav", dtype="float32", always_2d=True)[0]

    generated, given, original = (read(name) for name in ("generated", "given", "original"))
    quarter = FRAMES * RATIO // 4
    assert np.array_equal(given[:quarter], original[:quarter])
    assert not given[quarter : 3 * quarter].any()
    assert np.array_equal(generated[: quarter - 8], original[: quarter - 8])
    assert not np.array_equal(generated, original)


OPTIONS: dict[str, dict[str, Any]] = {
    "timestep_sampler": {"timestep_sampler": "logit_normal"},
    "p_one_shot": {"p_one_shot": 0.9},
    "loss_normalization": {"loss_normalization": "sample"},
    "min_snr": {"loss_weighting": "min_snr"},
    "learned": {"loss_weighting": "learned"},
    "ot_coupling": {"ot_coupling": True},
    "condition_dropout": {"condition_dropout": {"class": 0.9}},
    "cfg_dropout_prob": {"cfg_dropout_prob": 0.9},
    "clip_grad_norm": {"clip_grad_norm": 1e-3},
    "mask_padding_attention": {"mask_padding_attention": True},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_changes_what_is_learnt(option: str) -> None:
    given = batch(lengths=[FRAMES, 40, 24, FRAMES])
    plain = {**EXACT, "pre_encoded": True, "cfg_dropout_prob": 0.0}
    assert differ(
        moved(diffusion_model(**plain), given, 2), moved(diffusion_model(**{**plain, **OPTIONS[option]}), given, 2)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"timestep_sampler": "log_snr"}, {"timestep_sampler_options": {"mean_logsnr": 2.0}}),
        ({"timestep_sampler": "log_snr"}, {"timestep_sampler_options": {"std_logsnr": 0.1}}),
        ({"timestep_sampler": "log_snr_uniform"}, {"timestep_sampler_options": {"min_logsnr": 0.0}}),
        ({"timestep_sampler": "log_snr_uniform"}, {"timestep_sampler_options": {"max_logsnr": 0.0}}),
        ({"loss_weighting": "min_snr"}, {"min_snr_gamma": 0.1}),
        ({"loss_normalization": "sample"}, {"loss_norm_eps": 10.0}),
        ({"cfg_dropout_prob": 0.5}, {"cfg_dropout_joint": True}),
        ({"mask_padding_attention": True}, {"silence_extension_scale_seconds": 0.02}),
    ],
)
def test_an_option_of_an_option_changes_what_is_learnt(one: dict[str, Any], other: dict[str, Any]) -> None:
    given = batch(lengths=[FRAMES, 40, 24, FRAMES])
    plain = {**EXACT, "pre_encoded": True, "cfg_dropout_prob": 0.0, **one}
    diffusion = {"guided_conditions": ["cross", "global"], "global_cond_ids": ["seconds_total"]}
    config = {**diffusion_model()["model"]["diffusion"]["config"], "global_cond_dim": 32}
    both = {"diffusion": {**diffusion, "config": config}}
    before = moved(diffusion_model(**both, **plain), given, 2)
    assert differ(before, moved(diffusion_model(**both, **{**plain, **other}), given, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_learns_what_full_precision_does(kind: str) -> None:
    document = diffusion_model(kind, pre_encoded=True, **EXACT)
    found = {}
    for precision in ("32-true", "bf16-mixed"):
        result = trainer_of(document, precision).step([batch()], 0)
        assert result.problem is None
        found[precision] = float(result.values["loss"])
    assert found["bf16-mixed"] == pytest.approx(found["32-true"], rel=0.03)


def test_padding_changes_nothing_where_it_is_masked() -> None:
    """Of a model whose attention sees no padding: neither loss nor gradient."""
    lengths = [FRAMES, 40, 24, 8]
    latents, metadata = batch(lengths=lengths)
    garbage = latents.clone()
    for index, length in enumerate(lengths):
        garbage[index, :, length:] = 7.0
    document = diffusion_model(**EXACT, pre_encoded=True, mask_padding_attention=True, ot_coupling=True)
    one, other = moved(document, (latents, metadata)), moved(document, (garbage, metadata))
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, rtol=1e-5, atol=1e-7, msg=name)


def test_padding_of_audio_is_left_out_of_the_loss() -> None:
    document = diffusion_model(**EXACT, mask_padding=True, cfg_dropout_prob=0.0)
    generator = torch.Generator().manual_seed(0)
    audio = 0.1 * torch.randn(4, 2, FRAMES * RATIO, generator=generator)
    metadata = batch()[1]
    for item, length in zip(metadata, [FRAMES, 40, 24, 8], strict=True):
        item["padding_mask"] = torch.arange(FRAMES * RATIO) < length * RATIO
    masked = moved(document, (audio, metadata))
    whole = moved(diffusion_model(**EXACT, cfg_dropout_prob=0.0), (audio, metadata))
    dropped = moved(
        diffusion_model(**EXACT, mask_padding=True, mask_padding_dropout=1.0, cfg_dropout_prob=0.0), (audio, metadata)
    )
    assert differ(masked, whole)
    assert not differ(dropped, whole)


def test_the_context_of_a_mask_counts_by_its_weight() -> None:
    def after(weight: float | None) -> dict[str, torch.Tensor]:
        more = {} if weight is None else {"mask_loss_weight": weight}
        document = diffusion_model("diffusion_cond_inpaint", **EXACT, pre_encoded=True, cfg_dropout_prob=0.0, **more)
        return moved(document, batch())

    assert not differ(after(None), after(1.0))
    assert differ(after(0.0), after(1.0))


def test_every_option_of_training_is_read(stored: Path, encoder: Path, tmp_path: Path) -> None:
    everything = {"log_loss_info": True, "log_every_n_steps": 1, "loss_weighting": "min_snr"}
    everything |= {"mask_padding_attention": True}
    later = {"svd_bases_path", "base_precision", "arc", "trim_config"}  # the first two with an adapter only
    for kind in KINDS:
        more = {} if kind == "diffusion_uncond" else everything
        document = diffusion_model(kind, pre_encoded=True, **more)
        with noted() as read:
            train(experiment(stored_data(stored), tmp_path / kind, document, encoder, steps=2), progress=False)
        training = load_config(document, "model").training
        assert unread(type(training), read) <= later
        assert unread(type(training.demo), read) == set()
        logged = list(read_metrics(tmp_path / kind / "run/metrics.jsonl"))
        assert any(name.startswith("noise_") for record in logged for name in record) == bool(more)


def test_latents_are_standardized_by_the_manifest(stored: Path, encoder: Path, tones: Path, tmp_path: Path) -> None:
    model = diffusion_model(pre_encoded=True)
    model["model"]["pretransform"]["standardize"] = True
    run = train(experiment(stored_data(stored), tmp_path / "a", model, encoder, steps=1), progress=False)
    pretransform = load_model(run.model).pretransform
    statistics = json.loads((stored / "manifest.json").read_text())["statistics"]
    assert pretransform.latent_mean.tolist() == pytest.approx(statistics["mean"], rel=1e-4, abs=1e-6)
    audio = torch.randn(1, 2, FRAMES * RATIO, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = pretransform.model.encode_audio(audio)
        torch.testing.assert_close(pretransform.encode(audio), pretransform.scaled(plain))
        torch.testing.assert_close(pretransform.decode(pretransform.encode(audio)), pretransform.model.decode(plain))
    model["training"]["pre_encoded"] = False
    with pytest.raises(DataError, match="needs the statistics of pre-encoded data"):
        train(experiment(tone_data(tones), tmp_path / "b", model, encoder, steps=1), progress=False)


def test_data_of_another_model_are_refused() -> None:
    trainer = trainer_of(diffusion_model(pre_encoded=True))
    latents, metadata = batch()
    with pytest.raises(DataError, match="holds 3 channels, but the model takes latents of 4"):
        trainer.step([(latents[:, :3], metadata)], 0)


def per_step(folder: Path) -> list[dict[str, float]]:
    """Items, latent frames and operations of each step, as the metrics have them."""
    records = [record for record in read_metrics(folder / "metrics.jsonl") if record["split"] == "train"]
    return [
        {name: value for name, value in each.items() if name.startswith("throughput/") and name.endswith("_per_step")}
        for each in records
    ]


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
@pytest.mark.parametrize(
    ("kind", "shared"), [("diffusion_cond", {}), ("diffusion_cond_inpaint", {}), ("diffusion_cond", SHARDED)], ids=str
)
def test_two_processes_equal_one(
    kind: str, shared: dict[str, Any], stored: Path, encoder: Path, tmp_path: Path
) -> None:
    model = diffusion_model(kind, **EXACT, pre_encoded=True, cfg_dropout_prob=0.0, p_one_shot=0.2)
    data, settings = stored_data(stored), {"steps": 4, "val_batches": 1}
    one = train(experiment(data, tmp_path / "one", model, encoder, batch_size=8, **settings), progress=False)
    halves = experiment(data, tmp_path / "two", model, encoder, batch_size=4, devices=2, **settings, **shared)
    torchrun(halves, tmp_path / "experiment.json")
    together = read_checkpoint(checkpoint_path(tmp_path / "two/run/checkpoints", one.step))
    for name, value in weights(one).items():
        torch.testing.assert_close(together["state_dict"][name], value, rtol=1e-4, atol=1e-6, msg=name)
    last = [r for r in read_metrics(tmp_path / "two/run/metrics.jsonl") if r["split"] == "val"][-1]
    for name, value in one.metrics.items():
        assert last[name] == pytest.approx(value, rel=1e-4), name
    amounts, together_amounts = (per_step(tmp_path / folder / "run") for folder in ("one", "two"))
    assert all(len(each) == 3 for each in amounts)
    if shared.get("gradient_checkpointing"):  # The forward pass of stages is done twice.
        operations = [
            [each.pop("throughput/flops_per_step") for each in found] for found in (amounts, together_amounts)
        ]
        assert all(once < twice < 2 * once for once, twice in zip(*operations, strict=True))
    assert amounts == together_amounts
    assert len(amounts) == 4
