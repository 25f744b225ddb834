"""The training and validation data of a run."""

from __future__ import annotations

from typing import Any

from lightning_fabric import Fabric
from pydantic import BaseModel

from narrows.configs import TrainExperimentConfig
from narrows.data import create_dataloader_from_config
from narrows.data.variation import every_item_once, held_still, with_options
from narrows.training.data_iterator import Batch, Batches
from narrows.training.distributed.update_size import update_size
from narrows.training.validation import ValidationData


class TrainingData:
    """Batches to train on, moved to the device, and batches to validate on.

    Args:
        experiment: with its model and data files read in.
        fabric: launched.
        allow_code: run the Python files that a data set's `custom_metadata_module` names.

    Attributes:
        held_out: typed data set that is validated on; None for none.
        heard: typed data set of the report's clips.
        allow_code: as given.
    """

    def __init__(self, experiment: TrainExperimentConfig, fabric: Fabric, allow_code: bool = False) -> None:
        train, self.held_out = split_data(experiment)
        loader = _loader(experiment, train, fabric, True, allow_code)
        other = None if self.held_out is None else _loader(experiment, self.held_out, fabric, False, allow_code)
        self.heard = self.held_out or experiment.dataset_config
        self.allow_code = allow_code
        self._fabric = fabric
        self.batches = Batches(loader)
        self.validation = None if other is None else ValidationData(other, experiment.val_batches)
        self._last: Batch | None = None

    @property
    def batches_per_update(self) -> int:
        """Batches of this process that add up to one."""
        count: int = self.batches.loader.batches_per_update
        return count

    def draw(self, count: int) -> list[Batch]:
        """The next batches, on the device."""
        return [self._draw() for _ in range(count)]

    def demo_clips(self, count: int) -> Batch:
        """Clips for demos: of the validation data, or of the last batch where there are none."""
        if self.validation is not None:
            return self.validation.first(count)
        assert self._last is not None, "a demo comes after a step"
        clips, metadata = self._last
        return clips[:count], metadata[:count]

    @property
    def skipped_files(self) -> dict[str, str]:
        """Files that could not be read, and why."""
        loaders = [self.batches.loader] + ([] if self.validation is None else [self.validation.loader])
        return {path: reason for loader in loaders for path, reason in loader.skipped.items()}

    def _draw(self) -> Batch:
        self._last = audio, metadata = self.batches.draw()
        return self._fabric.to_device(audio), metadata


def split_data(experiment: TrainExperimentConfig) -> tuple[Any, Any]:
    """The data set to train on and the one to validate on; None validates nothing.

    Without a validation data set, files are held out of the data set, where its type can do that.
    """
    data: Any = experiment.dataset_config
    if experiment.val_batches == 0:
        return data, None
    if experiment.val_dataset_config is not None:
        return data, experiment.val_dataset_config
    if getattr(getattr(data, "audio", data), "split", None) != "all":
        return data, None
    held_out = every_item_once(held_still(with_options(data, {"split": "held_out"})))
    return with_options(data, {"split": "train"}), held_out


def _loader(
    experiment: TrainExperimentConfig, dataset: BaseModel, fabric: Fabric, shuffle: bool, allow_code: bool
) -> Any:
    model: Any = experiment.model_config_
    return create_dataloader_from_config(
        dataset,
        experiment.batch_size,
        model.sample_size or 1,
        model.sample_rate,
        getattr(model, "audio_channels", 1),
        experiment.num_workers,
        shuffle,
        seed=experiment.seed,
        rank=fabric.global_rank,
        world_size=fabric.world_size,
        update_size=update_size(experiment) if shuffle else None,
        allow_code=allow_code,
    )
