"""A trainer is added by one file: here a toy that predicts the next sample, trained by the engine of all others.

Its model has no encoder, decoder or bottleneck, and a frozen part as large as the trained one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import pytest
import torch
from support.training_cases import experiment_config, model_config
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import AutoencoderConfig, load_config
from narrows.models import NotAvailableError
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import Trainer, build_trainer, rehearsal, run, train
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.factory import create_training_wrapper_from_config
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.optim.update import update
from narrows.training.step_result import StepResult
from narrows.training.trainers import autoencoder

TAPS = 8


class Predictor(nn.Module):
    """Predicts each sample of stereo audio `(B, 2, T)` from those before it."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = nn.Conv1d(2, 4, TAPS).requires_grad_(False)
        self.network = nn.Sequential(nn.Tanh(), nn.Conv1d(4, 4, 1), nn.Tanh(), nn.Conv1d(4, 2, 1))

    def forward(self, audio: Tensor) -> Tensor:
        """The error of each prediction."""
        predicted: Tensor = self.network(self.frozen(F.pad(audio, (TAPS, -1))))
        return predicted - audio


@final
class ToyTrainer(Trainer):
    """Minimises the error of the prediction."""

    main_metric: ClassVar[str] = "error"

    def __init__(self, model: nn.Module, config: Any) -> None:
        super().__init__(model, config, config.training.ema_decay)
        self.seen = 0

    def networks(self, model: Any) -> Sequence[nn.Module]:
        return [model.network]

    def averaged(self, model: Any) -> Sequence[str]:
        return ["network"]

    def prepare(self) -> None:
        self.forward = self.setup_forward(self.model)
        pair = optimizer_pair(None, "toy", {"type": "SGD", "config": {}}, self.config.training.learning_rate)
        self.groups["toy"] = create_parameter_group("toy", self.model, pair, self.fabric)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        self.seen += 1
        values = {"loss": torch.zeros(())}
        for audio, _ in batches:
            loss = self.forward(audio).square().mean() / len(batches)
            self.fabric.backward(loss)
            values["loss"] = values["loss"] + loss.detach()
        problem = update(self.fabric, list(self.groups.values()), values, clip=0.0)
        return StepResult(values, problem, updated=problem is None)

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        with self.evaluated() as model:
            errors = torch.stack([model(audio).square().mean() for audio, _ in batches])
        return {"error": float(self.sum(errors.mean()) / self.fabric.world_size)}

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        with self.evaluated() as model:
            for index, error in enumerate(model(batch[0])):
                yield Demo(f"{index}", {"error": error}, notes={"every": options.demo_every})

    def describe(self, step: int) -> Iterator[str]:
        yield "toy: squared error"

    def state(self) -> dict[str, Any]:
        return {"toy": self.seen}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.seen = state["toy"]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Model files of autoencoders build and train the toy."""

    def build(config: Any) -> nn.Module:
        model = Predictor()
        model.config = load_config(config, "model")
        return model

    monkeypatch.setattr(run, "create_model_from_config", build)
    # No model of this library: there are no clips to reconstruct for the report.
    monkeypatch.setattr(run, "report_run", lambda folder, **_: folder)
    monkeypatch.setattr(rehearsal, "rehearse_report", lambda *_: None)
    before = build_trainer.dispatch(AutoencoderConfig)
    assert autoencoder.__name__ in before.__module__
    build_trainer.register(AutoencoderConfig, lambda config, model: ToyTrainer(model, config))
    yield
    build_trainer.register(AutoencoderConfig, before)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("options", [{}, {"accum_batches": 2}, {"gradient_checkpointing": True}], ids=str)
def test_a_toy_trains_validates_shows_and_resumes(options: Any, clips: Any, tmp_path: Any, capsys: Any) -> None:
    model = model_config(learning_rate=0.1, demo={"demo_every": 4, "max_demos": 1})
    config = experiment_config(clips, tmp_path / "whole", model, val_every=4, **options)
    whole = train({**config, "steps": 8})
    assert "Steps 1 to 8:\n  toy: squared error" in capsys.readouterr().err
    logged = [r for r in read_metrics(whole.folder / "metrics.jsonl") if r["split"] == "val"]
    assert [record["step"] for record in logged] == [0, 4, 8]
    assert logged[-1]["error"] < logged[0]["error"]
    assert read_checkpoint(whole.best)["step"] in {4, 8}
    demo = whole.folder / "demos/step=00000008"
    assert {path.name for path in demo.iterdir()} == {"0_error.wav", "0_error.png", "0.json"}

    for steps in (3, 8):
        parts = train({**config, "save_dir": str(tmp_path / "parts"), "steps": steps}, progress=False)
    one, other = (read_checkpoint(r.checkpoint) for r in (whole, parts))
    assert one["toy"] == other["toy"] == 8
    assert all(torch.equal(value, other["state_dict"][key]) for key, value in one["state_dict"].items())
    # The frozen part is saved once, and is not in the average.
    assert {key.rpartition(".")[0] for key in one["state_dict"] if "frozen" in key} == {"model.frozen"}
    assert any(key.startswith("ema.network") for key in one["state_dict"])


def test_a_model_without_a_trainer_is_told() -> None:
    config = model_config()
    typed = load_config(config, "model")
    with pytest.raises(NotAvailableError, match="Training of the model type"):
        build_trainer.dispatch(object)(typed, nn.Identity())
    config["training"] = None
    with pytest.raises(ValueError, match="no `training` section"):
        create_training_wrapper_from_config(config, nn.Identity())
