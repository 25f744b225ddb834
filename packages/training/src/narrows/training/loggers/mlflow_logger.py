"""MLflow, an extra: `pip install "narrows-training[mlflow]"`. MLFLOW_TRACKING_URI says where runs are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.configs.files import atomic_file
from narrows.training.loggers.extras import import_extra

KEY = "mlflow.txt"
PROJECT = "narrows"


class MlflowLogger:
    """Sends values to a run; an interrupted run goes on under its id."""

    def __init__(self, client: Any, run: str) -> None:
        self._client, self._run = client, run

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Record values as `split/name`."""
        for name, value in values.items():
            self._client.log_metric(self._run, f"{split}/{name}", value, step=step)

    def close(self) -> None:
        """End the run."""
        self._client.set_terminated(self._run)


def create(folder: Path, run: str, start: int) -> MlflowLogger:
    """The logger of a run; its id is kept in `mlflow.txt`."""
    mlflow = import_extra("mlflow", "mlflow")
    client, file = mlflow.MlflowClient(), folder / KEY
    if file.is_file():
        known = file.read_text(encoding="utf-8").strip()
        client.update_run(known, status="RUNNING")
        return MlflowLogger(client, known)
    found = client.get_experiment_by_name(PROJECT)
    experiment = client.create_experiment(PROJECT) if found is None else found.experiment_id
    made = client.create_run(experiment, run_name=run).info.run_id
    with atomic_file(file) as temporary:
        temporary.write_text(made, encoding="utf-8")
    return MlflowLogger(client, made)
