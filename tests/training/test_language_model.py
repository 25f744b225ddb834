"""Language models train on tokens or on audio in the engine of all others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from lightning_fabric import Fabric
from support.option_coverage import noted, unread
from support.processes import torchrun
from support.stored_data import encoded, experiment, stored_data
from support.tiny_lm import CODEBOOK_SIZE, codec, config, masked_config
from support.tiny_models import shaken
from support.training_cases import RATE, experiment_config

from narrows.configs import ConfigError, LMTrainingConfig, load_config
from narrows.data import DataError
from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.lm.prediction import prediction_counts
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import checkpoint_path, read_checkpoint

FRAMES, RATIO = 64, 8
DEMO = {"demo_every": 2, "num_demos": 2, "max_gen_len": 12, "top_k": 4}


def model_config(pattern: Any = "delay", **training: Any) -> dict[str, Any]:
    """A model whose sounds have a level, on a mono codec of ratio 8."""
    document = config(pattern=pattern, prepend=True)
    document["model"]["conditioning"]["configs"] = [{"id": "front", "type": "int", "config": {"max_val": 9}}]
    trained = {"learning_rate": 3e-3, "demo": DEMO, **training}
    return {**document, "sample_rate": RATE, "sample_size": FRAMES * RATIO, "audio_channels": 1, "training": trained}


def masked_model(**training: Any) -> dict[str, Any]:
    """The same of a model that fills in hidden tokens."""
    document = masked_config(cross=True, decoding={"steps": [2]})
    document["model"]["conditioning"]["configs"] = [{"id": "front", "type": "int", "config": {"max_val": 9}}]
    document["model"]["lm"]["cross_attention_cond_ids"] = ["front"]
    trained = {"learning_rate": 3e-3, "demo": DEMO, **training}
    return {**document, "sample_rate": RATE, "sample_size": FRAMES * RATIO, "audio_channels": 1, "training": trained}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a codec whose codes are all in use."""
    torch.manual_seed(0)
    inner = codec()["config"]
    document = {"model_type": "autoencoder", "sample_rate": RATE, "audio_channels": 1, "model": inner}
    model = create_model_from_config(document)
    with torch.no_grad():
        model.encode(torch.randn(8, 1, 4096))  # k-means of codebooks, where there is any
    return save_model(model.eval(), tmp_path_factory.mktemp("codec") / "model")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mono clips of noise at several levels, a crop long or shorter, with the level beside them."""
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for index in range(8):
        length = FRAMES * RATIO if index % 2 == 0 else (40 + index) * RATIO
        soundfile.write(folder / f"{index}.wav", 0.1 * (index + 1) * rng.standard_normal(length), RATE, subtype="FLOAT")
        (folder / f"{index}.json").write_text(json.dumps({"front": index % 4}))
    return folder


def audio_data(sounds: Path) -> dict[str, Any]:
    described = {"sidecar": "json", "fields": [{"name": "front", "type": "integer"}]}
    still = {"random_crop": False, "random_phase_flip": False, "drop_last": False}
    return {"dataset_type": "audio_dir", "path": str(sounds), "metadata": described, **still}


@pytest.fixture(scope="module")
def stored(sounds: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tokens of the sounds."""
    folder = tmp_path_factory.mktemp("stored") / "tokens"
    return encoded(audio_data(sounds), tokenizer, folder, FRAMES * RATIO)


def weights(run: Any) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = read_checkpoint(run.checkpoint)["state_dict"]
    return found


def test_tokens_train_like_the_audio_they_are_of(sounds: Path, stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    """Half of the items are padded; conditions and their dropout are the same draws."""
    settings = {"steps": 4, "log_every": 1}
    online = train(
        experiment(audio_data(sounds), tmp_path / "audio", model_config(), tokenizer, **settings),
        progress=False,
    )
    offline = train(
        experiment(stored_data(stored), tmp_path / "tokens", model_config(pre_encoded=True), tokenizer, **settings),
        progress=False,
    )
    one, other = weights(online), weights(offline)
    assert one.keys() == other.keys()
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, rtol=0, atol=1e-6, msg=name)
    for name, value in online.metrics.items():
        assert offline.metrics[name] == pytest.approx(value, abs=1e-6), name


def test_a_run_goes_on_exactly_beside_its_baselines(stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    model = model_config(pre_encoded=True, use_ema=True)
    data = stored_data(stored)
    whole = train(experiment(data, tmp_path / "whole", model, tokenizer, steps=5), progress=False)
    for steps in (2, 5):
        parts = train(experiment(data, tmp_path / "parts", model, tokenizer, steps=steps), progress=False)
    one, other = weights(whole), weights(parts)
    assert any(name.startswith("ema.lm") for name in one)
    assert any(name.startswith("ema.conditioner") for name in one)
    assert not any(name.startswith("ema.pretransform") for name in one)
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    assert whole.metrics == parts.metrics

    records = list(read_metrics(whole.folder / "metrics.jsonl"))
    last = [record for record in records if record["split"] == "val"][-1]
    names = ("cross_entropy", "unigram", "bigram")
    assert {f"codebook_{k}/{name}" for k in range(1, 5) for name in names} <= last.keys()
    assert {"cross_entropy/unigram", "cross_entropy/bigram", "perplexity/4", "bits_per_second"} <= last.keys()
    mean = np.mean([last[f"codebook_{k}/cross_entropy"] for k in range(1, 5)])
    assert last["cross_entropy"] == pytest.approx(mean)
    assert last["bits_per_second"] == pytest.approx(4 * mean / np.log(2) * RATE / RATIO)
    trained = [record for record in records if record["split"] == "train"][-1]
    assert trained["perplexity/2"] == pytest.approx(np.exp(trained["cross_entropy/2"]))
    page = whole.report.read_text()
    assert "cross_entropy/bigram" in page
    assert page.count("<audio") == 2
    assert read_checkpoint(whole.best)["step"] in {2, 4, 5}


def test_demos_are_what_the_saved_folder_generates(stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    """Each from its JSON, which is a request; the average of the weights is saved, and makes the demos."""
    model = model_config(pre_encoded=True, use_ema=True, demo=DEMO | {"demo_cfg_scales": [1, 3]})
    run = train(experiment(stored_data(stored), tmp_path, model, tokenizer, steps=2), progress=False)
    saved, heard = load_model(run.model), sorted((run.folder / "demos/step=00000002").glob("*_generated.wav"))
    assert [path.stem for path in heard] == [f"0{i}_cfg{s}_generated" for i in (0, 1) for s in (1, 3)]
    for path in heard:
        request = json.loads(path.with_name(path.stem.replace("_generated", "") + ".json").read_text())
        conditions = request.pop("conditions")
        again = saved.generate([conditions], **{**request, "seed": [request["seed"]]})
        sound = torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T)
        assert sound.shape == (1, DEMO["max_gen_len"] * RATIO)
        assert torch.equal(sound, again[0])
    codec_of = load_model(tokenizer).state_dict()
    assert all(torch.equal(value, saved.pretransform.model.state_dict()[name]) for name, value in codec_of.items())


def test_hidden_tokens_are_learnt_and_a_run_goes_on_exactly(stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    """Items of several lengths; which tokens are hidden is drawn as it would have been without the stop."""
    model, data = masked_model(pre_encoded=True), stored_data(stored)
    whole = train(experiment(data, tmp_path / "whole", model, tokenizer, steps=5), progress=False)
    for steps in (2, 5):
        parts = train(experiment(data, tmp_path / "parts", model, tokenizer, steps=steps), progress=False)
    assert all(torch.equal(value, weights(parts)[name]) for name, value in weights(whole).items())
    assert whole.metrics == parts.metrics
    assert {"cross_entropy", "cross_entropy/bigram", "codebook_4/cross_entropy"} <= whole.metrics.keys()
    assert len(list((whole.folder / "demos").rglob("*_generated.wav"))) >= 2


def test_hidden_tokens_of_batches_that_are_accumulated_count_alike() -> None:
    document = masked_model(pre_encoded=True, cfg_dropout_prob=0, optimizer_configs=SGD, learning_rate=None)
    codes, metadata = batch(6, 0, [FRAMES, 9, 30, 1, FRAMES, FRAMES])
    trainer = trainer_of(document)
    hidden = trainer.model.lm.draw_hidden(6, FRAMES, None, torch.Generator().manual_seed(0))
    with torch.no_grad():
        tensors = trainer.model.conditioner(metadata)
        loss = trainer.model.cross_entropy(codes, tensors, lengths=[FRAMES, 9, 30, 1, FRAMES, FRAMES], hidden=hidden)
    parts = iter([hidden._replace(frames=hidden.frames[:4]), hidden._replace(frames=hidden.frames[4:])])
    lengths = torch.tensor([FRAMES, 9, 30, 1, FRAMES, FRAMES])
    inside = torch.arange(FRAMES) < lengths[:, None]
    trainer.model.lm.draw_hidden = lambda *_: (part := next(parts))._replace(
        frames=part.frames & (inside[:4] if len(part.frames) == 4 else inside[4:])
    )
    result = trainer.step([(codes[:4], metadata[:4]), (codes[4:], metadata[4:])], 0)
    torch.testing.assert_close(result.values["loss"], loss.mean)


def trainer_of(document: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    model = create_model_from_config(document)
    trainer = create_training_wrapper_from_config(document, model)
    trainer.setup(Fabric(accelerator="cpu"))
    trainer.train()
    return trainer


def batch(items: int, seed: int, lengths: list[int] | None = None) -> Any:
    generator = torch.Generator().manual_seed(seed)
    codes = torch.randint(CODEBOOK_SIZE, (items, 4, FRAMES), generator=generator)
    metadata: list[dict[str, Any]] = [{"front": index % 4} for index in range(items)]
    for item, length in zip(metadata, lengths or [], strict=False):
        item["padding_mask"] = torch.arange(FRAMES) < length
    return codes, metadata


SGD = {"lm": {"optimizer": {"type": "SGD", "config": {"lr": 0.1}}}}


@pytest.mark.parametrize("pattern", ["delay", "parallel", "musiclm"])
def test_batches_that_are_accumulated_are_one_large_batch(pattern: str) -> None:
    """Every token counts alike, also where one half has fewer of them; what is behind an end changes nothing."""
    document = model_config(pattern, pre_encoded=True, cfg_dropout_prob=0, optimizer_configs=SGD, learning_rate=None)
    lengths = [FRAMES, 9, 30, 1, FRAMES, FRAMES]
    codes, metadata = batch(6, 0, lengths)
    garbage = codes.clone()
    for item, length in enumerate(lengths):
        garbage[item, :, length:] = 3
    whole, halves = trainer_of(document), trainer_of(document)
    result = whole.step([(codes, metadata)], 0)
    other = halves.step([(garbage[:4], metadata[:4]), (garbage[4:], metadata[4:])], 0)
    torch.testing.assert_close(other.values["loss"], result.values["loss"])
    for (name, one), two in zip(whole.model.named_parameters(), halves.model.parameters(), strict=True):
        torch.testing.assert_close(two, one, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.parametrize("pattern", ["delay", "parallel", "unroll", "coarse_first", "musiclm"])
@pytest.mark.parametrize("end_token", [False, True])
def test_tokens_are_counted_before_they_are_predicted(pattern: str, end_token: bool) -> None:
    if end_token and pattern in {"coarse_first", "musiclm"}:
        pytest.skip("these must know the length")
    document = config(pattern=pattern, end_token=end_token)
    model = create_model_from_config(document)
    codes, _ = batch(4, 1)
    for lengths in (None, [FRAMES, 1, 17, FRAMES - 1]):
        counts = model.cross_entropy(codes, lengths=lengths).counts
        assert torch.equal(prediction_counts(model.lm, 4, FRAMES, lengths), counts)


def test_codebooks_weigh_in_the_loss_as_configured() -> None:
    given = {"pre_encoded": True, "cfg_dropout_prob": 0, "label_smoothing": 0.2, "codebook_weights": [4, 0, 1, 1]}
    trainer = trainer_of(model_config(**given))
    codes, metadata = batch(3, 0)
    with torch.no_grad():
        tensors = trainer.model.conditioner(metadata)
        loss = trainer.model.cross_entropy(codes, tensors, label_smoothing=0.2).per_codebook
    expected = (4 * loss[0] + loss[2] + loss[3]) / 6
    torch.testing.assert_close(trainer.step([(codes, metadata)], 0).values["loss"], expected)


def test_every_option_of_training_is_read(stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    document = model_config(pre_encoded=True, use_ema=True)
    with noted() as read:
        train(experiment(stored_data(stored), tmp_path, document, tokenizer, steps=1), progress=False)
    # Those of an adapter are read where one is trained.
    assert unread(LMTrainingConfig, read) == {"svd_bases_path", "base_precision"}
    assert unread(type(load_config(document, "model").training.demo), read) == set()


def test_tokens_of_another_tokenizer_are_refused() -> None:
    trainer = trainer_of(model_config(pre_encoded=True))
    codes, metadata = batch(2, 0)
    for wrong, words in (
        (codes.float(), "holds latents"),
        (codes[:, :3], "3 codebooks, but the tokenizer has 4"),
        (codes + 1, "from 1 to 16"),
    ):
        with pytest.raises(DataError, match=words):
            trainer.step([(wrong, metadata)], 0)


def test_weights_of_a_pretransform_need_one(sounds: Path, tmp_path: Path) -> None:
    document = experiment_config(sounds, tmp_path, model_config())
    with pytest.raises(ConfigError, match="2 weights for 4 codebooks"):
        load_config(model_config(codebook_weights=[1, 2]), "model")
    model = document["model_config"] | {"model_type": "autoencoder", "model": codec()["config"], "training": {}}
    model["training"] = {"learning_rate": 1e-3}
    with pytest.raises(ConfigError, match="no pretransform, so there is nothing to load"):
        load_config(document | {"model_config": model, "pretransform_ckpt_path": "codec"}, "experiment")


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
@pytest.mark.parametrize("shared", [{}, {"strategy": "fsdp", "gradient_checkpointing": True}], ids=str)
def test_two_processes_equal_one(shared: dict[str, Any], stored: Path, tokenizer: Path, tmp_path: Path) -> None:
    """Weights and metrics, baselines among them, though one process has more tokens than the other."""
    given = {"pre_encoded": True, "cfg_dropout_prob": 0, "optimizer_configs": SGD, "learning_rate": None}
    model, data = model_config(**given), stored_data(stored)
    settings = {"steps": 4, "val_batches": 1}
    one = train(experiment(data, tmp_path / "one", model, tokenizer, batch_size=8, **settings), progress=False)
    halves = experiment(data, tmp_path / "two", model, tokenizer, batch_size=4, devices=2, **settings, **shared)
    torchrun(halves, tmp_path / "experiment.json")
    together = read_checkpoint(checkpoint_path(tmp_path / "two/run/checkpoints", one.step))
    for name, value in weights(one).items():
        torch.testing.assert_close(together["state_dict"][name], value, rtol=1e-4, atol=1e-6, msg=name)
    last = [r for r in read_metrics(tmp_path / "two/run/metrics.jsonl") if r["split"] == "val"][-1]
    for name, value in one.metrics.items():
        assert last[name] == pytest.approx(value, rel=1e-4), name


@pytest.mark.parametrize("kind", ["lora", "dora-rows"])
def test_an_adapter_is_trained_saved_alone_loaded_and_merged(
    kind: str, stored: Path, tokenizer: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    plain = model_config(pre_encoded=True)
    model = create_model_from_config({key: value for key, value in plain.items() if key != "training"})
    model.pretransform.model.load_state_dict(load_model(tokenizer).state_dict())
    base = save_model(shaken(model).eval(), tmp_path / "base")
    document = model_config(pre_encoded=True, lora_config={"rank": 4, "adapter_type": kind, "include": ["layers"]})
    settings = {"pretransform_ckpt_path": None, "pretrained_ckpt_path": str(base), "val_batches": 1}
    data = stored_data(stored)
    run = train(experiment(data, tmp_path / "whole", document, tokenizer, steps=4, **settings), progress=False)
    assert not any(name.startswith("model.") for name in weights(run))
    assert [path.name for path in run.model.iterdir()] == ["adapter.safetensors"]
    codes = torch.randint(CODEBOOK_SIZE, (2, 4, 20), generator=torch.Generator().manual_seed(1))

    def logits(model: Any) -> torch.Tensor:
        tensors = model.conditioner([{"front": 1}, {"front": 3}], "cpu")
        with torch.no_grad():
            found: torch.Tensor = model.compute_logits(codes, tensors).logits
        return found.nan_to_num()  # positions of which nothing is known

    bare = logits(load_model(base))
    adapted = load_model(base, adapters=[run.model])
    assert not torch.allclose(logits(adapted), bare, atol=1e-4)
    assert torch.equal(logits(load_model(base, adapters=[f"{run.model}=0"])), bare)
    merged = load_model(save_model(adapted, tmp_path / "merged"))
    torch.testing.assert_close(logits(merged), logits(adapted))
    # Stopped and gone on with, it is the same adapter.
    for steps in (2, 4):
        parts = train(
            experiment(data, tmp_path / "parts", document, tokenizer, steps=steps, **settings), progress=False
        )
    assert (run.model / "adapter.safetensors").read_bytes() == (parts.model / "adapter.safetensors").read_bytes()
