"""Data sets that are encoded before they are trained on, and experiments on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.training_cases import experiment_config

from narrows.configs import load_config
from narrows.pipelines.pre_encode import pre_encode


def encoded(data: dict[str, Any], model: Path, folder: Path, samples: int) -> Path:
    """The folder with what a model makes of every clip of a data set, each of so many samples."""
    pre_encode(
        load_config(
            {
                "experiment": "pre_encode",
                "ckpt_path": str(model),
                "dataset_config": data,
                "output_path": str(folder),
                "sample_size": samples,
                "num_workers": 1,
                "accelerator": "cpu",
            }
        )
    )
    return folder


def stored_data(folder: Path) -> dict[str, Any]:
    """The data set of such a folder, whose items come as they are."""
    return {"dataset_type": "pre_encoded", "path": str(folder), "random_crop": False, "drop_last": False}


def experiment(
    data: dict[str, Any], folder: Path, model: dict[str, Any], pretransform: Path, **settings: Any
) -> dict[str, Any]:
    """A model on top of another one, trained and validated on the same data."""
    own = {"pretransform_ckpt_path": str(pretransform), "batch_size": 4, "val_every": 2}
    made = experiment_config(Path("unused"), folder, model, **{**own, **settings})
    return {**made, "dataset_config": data, "val_dataset_config": data}
