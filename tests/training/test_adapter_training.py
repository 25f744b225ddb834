"""An adapter is trained in place of its model: nothing else changes, and nothing else is saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from lightning_fabric import Fabric
from support.adapters import base_model
from support.diffusion_cases import CHANNELS, FRAMES, RATIO, diffusion_model, tone_data, write_tones
from support.processes import torchrun
from support.stored_data import encoded, experiment, stored_data

from narrows.configs import ConfigError
from narrows.models import CheckpointError, load_model, save_model
from narrows.models.adapters import AdapterError, load_adapters, read_adapter
from narrows.models.adapters.bases import write_bases
from narrows.models.adapters.targets import layers
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import checkpoint_path, read_checkpoint
from narrows.training.checkpoints.trained_weights import saved_modules, write_model

KINDS = ("lora", "dora-rows", "dora-cols", "bora", "lora-xs", "dora-rows-xs", "dora-cols-xs", "bora-xs")


def trainer_of(adapter: dict[str, Any], **training: Any) -> Any:
    model = base_model()
    document = diffusion_model(pre_encoded=True, lora_config={"rank": 4, **adapter}, **training)
    trainer = create_training_wrapper_from_config(document, model)
    trainer.setup(Fabric(accelerator="cpu"))
    trainer.train()
    return trainer


def batch() -> Any:
    latents = torch.randn(4, CHANNELS, FRAMES, generator=torch.Generator().manual_seed(0))
    return latents, [{"class": index % 3, "seconds_total": 0.06} for index in range(4)]


def stepped(trainer: Any, steps: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    for step in range(steps):
        assert trainer.step([batch()], step).problem is None
    return {name: value.detach().clone() for name, value in trainer.model.state_dict().items()}


@pytest.mark.parametrize("kind", KINDS)
def test_steps_change_the_adapter_alone(kind: str) -> None:
    trainer = trainer_of({"adapter_type": kind}, learning_rate=1e-2)
    before = {name: value.detach().clone() for name, value in trainer.model.state_dict().items()}
    after = stepped(trainer)
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed
    assert all(".parametrizations.weight.0." in name for name in changed)
    assert not any(name.endswith((".U", ".V")) for name in changed)
    assert trainer.ema is None
    assert tuple(saved_modules(trainer)) == ("adapter",)
    optimised = {id(parameter) for parameter in trainer.groups["diffusion"].parameters}
    assert optimised == {id(parameter) for parameter in trainer.adapter.module.parameters()}


def test_a_base_in_16_bit_trains_an_adapter_in_32() -> None:
    trainer = trainer_of({"adapter_type": "dora"}, base_precision="bf16")
    stepped(trainer)
    own = {id(parameter) for parameter in trainer.adapter.module.parameters()}
    kinds = {parameter.dtype for parameter in trainer.model.model.parameters() if id(parameter) not in own}
    assert kinds == {torch.bfloat16}
    assert {parameter.dtype for parameter in trainer.adapter.module.parameters()} == {torch.float32}
    assert next(trainer.model.pretransform.parameters()).dtype == torch.float32
    assert all(torch.isfinite(torch.tensor(value)) for value in trainer.validate([batch()]).values())


@pytest.mark.parametrize(
    "option",
    [{"rank": 2}, {"alpha": 16.0}, {"adapter_type": "bora"}, {"dropout": 0.5}, {"exclude": ["to_qkv"]}],
    ids=lambda option: next(iter(option)),
)
def test_an_option_changes_what_is_learnt(option: dict[str, Any], tmp_path: Path) -> None:
    plain, other = trainer_of({}), trainer_of(option)
    for trainer, name in ((plain, "plain"), (other, "other")):
        stepped(trainer)
        write_model(trainer, tmp_path / name)
    base = base_model()
    effects = [load_adapters(base, [tmp_path / name])[0].report.whole for name in ("plain", "other")]
    assert effects[0].change != effects[1].change


def test_singular_vectors_are_taken_from_a_file(tmp_path: Path) -> None:
    weights = {name: layer.weight.detach() for name, layer in layers(base_model()).items()}
    path = tmp_path / "bases.pt"
    write_bases(path, {name: torch.flip(weight, [0]) for name, weight in weights.items()}, rank=4)  # type: ignore[arg-type]
    options: dict[str, Any] = {"adapter_type": "lora-xs"}
    plain, given = trainer_of(options), trainer_of(options, svd_bases_path=str(path))
    name = "model/model/transformer/project_in"
    assert not torch.equal(plain.adapter.module[name].update.U, given.adapter.module[name].update.U)
    write_bases(path, dict(list(weights.items())[:2]), rank=4)  # type: ignore[arg-type]
    with pytest.raises(AdapterError, match="has no singular vectors of"):
        trainer_of(options, svd_bases_path=str(path))


def test_patterns_that_no_layer_has_are_told() -> None:
    with pytest.raises(AdapterError, match=r"leave no layer to adapt.\n  'self_atn.to_qkv' \(nearest: .*to_qkv\)"):
        trainer_of({"include": ["self_atn.to_qkv"]})


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(base_model(), tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def stored(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Latents of tones, by the codec of the base."""
    folder = tmp_path_factory.mktemp("stored")
    model = load_model(base)
    config = model.config.model_dump(mode="json", by_alias=True, exclude_unset=True)
    inner = {**config, "model_type": "autoencoder", "model": config["model"]["pretransform"]["config"]}
    from narrows.models import create_model_from_config

    codec = create_model_from_config({key: value for key, value in inner.items() if key != "training"})
    codec.load_state_dict(model.pretransform.model.state_dict())
    return encoded(
        tone_data(write_tones(folder / "tones")),
        save_model(codec, folder / "codec"),
        folder / "latents",
        FRAMES * RATIO,
    )


def run(stored: Path, base: Path, folder: Path, adapter: dict[str, Any], steps: int, **settings: Any) -> Any:
    training = settings.pop("training", {})
    model = diffusion_model(pre_encoded=True, lora_config={"rank": 4, **adapter}, **training)
    own = {"pretransform_ckpt_path": None, "pretrained_ckpt_path": str(base), "steps": steps, **settings}
    return train(experiment(stored_data(stored), folder, model, base, **own), progress=False)


def test_a_run_goes_on_exactly_and_saves_the_adapter_alone(stored: Path, base: Path, tmp_path: Path) -> None:
    adapter = {"adapter_type": "dora-rows-xs", "dropout": 0.2}
    whole = run(stored, base, tmp_path / "whole", adapter, 4)
    for steps in (2, 4):
        parts = run(stored, base, tmp_path / "parts", adapter, steps)
    one, other = (read_checkpoint(outcome.checkpoint)["state_dict"] for outcome in (whole, parts))
    assert {name.partition(".")[0] for name in one} == {"adapter"}
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    assert whole.metrics == parts.metrics
    assert [path.name for path in whole.model.iterdir()] == ["adapter.safetensors"]
    assert (whole.model / "adapter.safetensors").read_bytes() == (parts.model / "adapter.safetensors").read_bytes()
    for path in (whole.model, whole.checkpoint):
        with pytest.raises(CheckpointError, match="is an adapter: give its base"):
            load_model(path)
    report = load_adapters(load_model(base), [whole.model])[0].report
    assert report.base == "same"
    assert read_adapter(whole.model).config["dropout"] == 0.2
    further = run(stored, base, tmp_path / "further", adapter, 1, ckpt_path=str(whole.checkpoint))
    assert load_adapters(load_model(base), [further.model])[0].report.whole.change != report.whole.change
    changed = base_model(seed=3)
    with pytest.raises(CheckpointError, match="another base"):
        run(stored, save_model(changed, tmp_path / "changed"), tmp_path / "parts", adapter, 6)


def test_demos_are_what_base_and_adapter_generate(stored: Path, base: Path, tmp_path: Path) -> None:
    outcome = run(stored, base, tmp_path, {}, 2, training={"learning_rate": 1e-2})
    heard = sorted((outcome.folder / "demos/step=00000002").glob("0?_generated.wav"))
    requests = [json.loads(Path(str(path).replace("_generated.wav", ".json")).read_text()) for path in heard]
    asked = {key: value for key, value in requests[0].items() if key != "conditions"}
    asked["seed"] = [request["seed"] for request in requests]
    conditions = [request["conditions"] for request in requests]
    again = load_model(base, adapters=[outcome.model]).generate(conditions, **asked)
    bare = load_model(base).generate(conditions, **asked)
    assert heard
    for path, expected, without in zip(heard, again, bare, strict=True):
        sound = torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T)
        assert torch.equal(sound, expected[:, : sound.shape[-1]])
        assert not torch.equal(sound, without[:, : sound.shape[-1]])


def test_an_adapter_needs_a_base(stored: Path, base: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="an adapter means nothing without its base"):
        run(stored, base, tmp_path, {}, 1, pretrained_ckpt_path=None)


@pytest.mark.slow
def test_two_processes_learn_what_one_does(stored: Path, base: Path, tmp_path: Path) -> None:
    sgd = {"diffusion": {"optimizer": {"type": "SGD", "config": {"lr": 0.1}}}}
    training = {"optimizer_configs": sgd, "learning_rate": None, "cfg_dropout_prob": 0.0}
    settings: dict[str, Any] = {"steps": 3, "pretransform_ckpt_path": None, "pretrained_ckpt_path": str(base)}
    model = diffusion_model(pre_encoded=True, lora_config={"rank": 4, "adapter_type": "dora"}, **training)
    data = stored_data(stored)
    one = train(experiment(data, tmp_path / "one", model, base, batch_size=8, **settings), progress=False)
    halves = experiment(data, tmp_path / "two", model, base, batch_size=4, devices=2, **settings)
    torchrun(halves, tmp_path / "experiment.json")
    together = read_checkpoint(checkpoint_path(tmp_path / "two/run/checkpoints", one.step))["state_dict"]
    for name, value in read_checkpoint(one.checkpoint)["state_dict"].items():
        torch.testing.assert_close(together[name], value, rtol=1e-4, atol=1e-6, msg=name)
    written = read_adapter(tmp_path / "two/run/model").layers
    for name, layer in read_adapter(one.model).layers.items():
        for key, value in layer.tensors.items():
            torch.testing.assert_close(written[name].tensors[key], value, rtol=1e-4, atol=1e-6)
