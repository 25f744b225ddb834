"""The report of a training run, from what the run left in its folder."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor
from torch.nn import functional as F

from narrows.configs import load_config
from narrows.data import create_dataloader_from_config, read_audio, write_audio
from narrows.models import load_model
from narrows.pipelines.metrics import available_metrics
from narrows.pipelines.metrics.base import value_of
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.report.clips import Clip, Sound
from narrows.pipelines.report.page import Report, write_report
from narrows.pipelines.report.references import reference_for
from narrows.pipelines.report.sounds import newest_demos
from narrows.pipelines.throughput import in_words, typical

Points = list[tuple[float, float]]
GENERATIVE = ("lm", "diffusion_uncond", "diffusion_cond", "diffusion_cond_inpaint")
"""Model types that make sounds of requests."""


def report_run(
    folder: str | Path,
    *,
    dataset: Any = None,
    clips: int = 2,
    seconds: float = 20,
    skipped: Mapping[str, str] | None = None,
    allow_code: bool = False,
) -> Path:
    """Write `report.html` into the run's folder, with held-out clips and their reconstructions, which are also written.

    Of a generative model it shows the newest demos instead.

    Args:
        folder: of the run: `experiment.json`, `metrics.jsonl` and `model/` are read.
        dataset: where the clips come from; by default the validation set, or the data set when there is none.
        clips: how many clips.
        seconds: longest part of a clip that is taken.
        skipped: files that could not be read, and why.
        allow_code: run the Python files that the data set's `custom_metadata_module` names.

    Returns:
        The path of the page.
    """
    folder = Path(folder)
    experiment = load_config(folder / "experiment.json", "experiment")
    records = list(read_metrics(folder / "metrics.jsonl"))
    dataset = dataset or experiment.val_dataset_config or experiment.dataset_config
    heard: Sequence[Clip | Sound]
    if experiment.model_config_.model_type in GENERATIVE:
        heard = newest_demos(folder / "demos", 2 * clips)
    else:
        heard = _reconstructions(folder, experiment.model_config_, dataset, clips, seconds, allow_code)
    reference = reference_for(experiment.model_config_)
    notes = [f"Skipped {path}: {reason}" for path, reason in (skipped or {}).items()]
    if throughput := in_words(typical(records)):
        notes.insert(0, f"Throughput, as the median of the log: {throughput}")
    if reference is not None:
        notes.insert(0, f"Dashed: the reference run of {reference.name} ({reference.about})")
    report = Report(
        title=f"Run {experiment.name}",
        summary=before_and_after(records),
        columns=["before training", f"after {_steps(records):,} steps"],
        curves=curves(records),
        clips=heard,
        behind=reference.curves if reference is not None else {},
        notes=notes,
        config=yaml.safe_dump(json.loads((folder / "experiment.json").read_text()), sort_keys=False),
    )
    return write_report(report, folder / "report.html")


def rehearse_report(model_folder: Path, model: Any, dataset: Any, allow_code: bool = False) -> None:
    """Do with half a second what `report_run` does with whole clips, and write nothing.

    Args:
        model_folder: of the model, trained or not.
        model: its typed configuration.
        dataset: typed data set of the report's clips.
        allow_code: as for `report_run`.
    """
    if model.model_type not in GENERATIVE and dataset.dataset_type != "pre_encoded":
        reconstruct_clips(model_folder, _held_out(dataset, model, 1, 0.5, allow_code))


def _reconstructions(
    folder: Path, model: Any, dataset: Any, count: int, seconds: float, allow_code: bool
) -> list[Clip]:
    """Held-out clips through the trained model, which are also written to `audio/` in the run's folder."""
    # Latents cannot be listened to.
    count = 0 if dataset.dataset_type == "pre_encoded" else count
    held_out = _held_out(dataset, model, count, seconds, allow_code) if count else []
    heard = reconstruct_clips(folder / "model", held_out)
    for clip in heard:
        for version, audio in (("original", clip.original), ("reconstruction", clip.reconstruction)):
            path = folder / "audio" / f"{clip.name}.{version}.wav"
            write_audio(path, torch.from_numpy(audio), clip.sample_rate)
    return heard


def read_before_and_after(folder: Path) -> dict[str, tuple[float, float]]:
    """First and last value of each validation metric of a run."""
    return before_and_after(list(read_metrics(folder / "metrics.jsonl")))


def before_and_after(records: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """First and last value of each validation metric."""
    validations = [record for record in records if record["split"] == "val"]
    if len(validations) < 2:
        return {}
    first, last = validations[0], validations[-1]
    names = [name for name in last if name not in {"step", "split"} and isinstance(first.get(name), float)]
    return {name: (first[name], last[name]) for name in names if isinstance(last[name], float)}


def _steps(records: Sequence[Mapping[str, Any]]) -> int:
    return max((record["step"] for record in records), default=0)


def curves(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Points]]:
    """Curves of a run: the loss and its terms, then each validation metric in a picture of its own.

    Metrics that share the name before a slash share a picture: those of all codebooks, or a metric and its baselines.
    """
    points: dict[str, dict[str, Points]] = defaultdict(lambda: defaultdict(list))
    points["training loss"] = defaultdict(list)  # first on the page, though validation comes first in the run
    for record in records:
        for name, value in record.items():
            if name in {"step", "split"} or value is None:
                continue
            if record["split"] == "val":
                points[f"validation: {name.partition('/')[0]}"][name].append((record["step"], value))
            elif name == "loss" or name.endswith("_loss"):
                points["training loss"][name].append((record["step"], value))
    return {title: dict(group) for title, group in points.items()}


def reconstruct_clips(model_folder: Path, clips: Sequence[tuple[str, Tensor]]) -> list[Clip]:
    """Clips, by name, through a model."""
    model = load_model(model_folder)
    measures = available_metrics()
    result = []
    for name, audio in clips:
        with torch.inference_mode():
            # Some models take more than whole latent frames.
            length = audio.shape[-1]
            padded = F.pad(audio, (0, -length % getattr(model, "min_length", 1)))
            reconstruction = model.decode_audio(model.encode_audio(padded[None]))[0, :, :length]
        # Decoders with odd strides may give a few samples less; what both have is compared.
        audio = audio[:, : reconstruction.shape[-1]]
        values = {
            title: value_of(title, measure, audio, reconstruction, model.sample_rate)
            for title, measure in measures.items()
        }
        metrics = {title: value for title, value in values.items() if value is not None}
        result.append(Clip(name, audio.numpy(), reconstruction.numpy(), model.sample_rate, metrics))
    return result


def _held_out(dataset: Any, model: Any, count: int, seconds: float, allow_code: bool) -> list[tuple[str, Tensor]]:
    """Names and audio of the first clips of a data set, whole files where it consists of files."""
    loader = create_dataloader_from_config(
        dataset,
        1,
        model.sample_size,
        model.sample_rate,
        model.audio_channels,
        num_workers=0,
        shuffle=False,
        allow_code=allow_code,
    )
    found: dict[str, Tensor] = {}
    for audio, (metadata, *_) in islice(loader, 4 * count):
        path = Path(str(metadata.get("path", f"clip {len(found)}")))
        if path.stem not in found:
            start = float(metadata.get("seconds_start", 0.0))
            found[path.stem] = _whole(path, model, start, seconds) if path.is_file() else audio[0]
        if len(found) == count:
            break
    return list(found.items())


def _whole(path: Path, model: Any, start: float, seconds: float) -> Tensor:
    """The file from where its clip begins: all of it, or the end that a split holds out."""
    rate = model.sample_rate
    first, frames = int(start * rate), int(seconds * rate)
    return read_audio(path, first, frames, sample_rate=rate, channels=model.audio_channels)[0]
