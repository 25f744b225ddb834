"""Rules of experiments: the run against model and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.diffusion import frame
from narrows.configs.rules.diffusion_training import pre_encoded
from narrows.configs.rules.widths import conditioners

if TYPE_CHECKING:
    from narrows.configs._generated.experiments.train import TrainExperimentConfig

WITH_WEIGHTS = ("autoencoder", "dac_pretrained", "audiocraft_pretrained")
"""Pretransforms that are trained networks."""


def gives_latents(dataset: Any) -> bool:
    """Whether a data set gives latents or tokens instead of audio."""
    return dataset.dataset_type == "pre_encoded" or bool(getattr(dataset, "pre_encoded", False))


@rule(covers="D-1")
def data_are_what_training_takes(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """`training.pre_encoded` is true exactly where the data set gives latents."""
    model: Any = experiment.model_config_
    dataset = experiment.dataset_config
    if isinstance(model, str) or isinstance(dataset, str) or model.training is None:
        return
    wants, gives = pre_encoded(model.training), gives_latents(dataset)
    if model.model_type == "hyperencoder" or wants == gives:
        return
    known = hasattr(model.training, "pre_encoded")
    pointer = "/model_config/training/pre_encoded" if known else "/dataset_config/dataset_type"
    message = (
        f"The data set gives {'latents' if gives else 'audio'} but training takes {'latents' if wants else 'audio'}."
    )
    hint = f"Write {str(gives).lower()}." if known else "Use audio data."
    yield Problem(
        pointer, message, wants if known else dataset.dataset_type, hint, related=("/dataset_config/dataset_type",)
    )


@rule(covers="D-3")
def conditions_are_in_the_data(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Every conditioner finds its key in what the data set tells of an item."""
    model, dataset = experiment.model_config_, experiment.dataset_config
    if isinstance(model, str) or isinstance(dataset, str):
        return
    conditioning = getattr(model.model, "conditioning", None)
    known = {"seconds_start", "seconds_total", "path", "relpath", "timestamps", "sample_rate", "padding_mask"}
    entries = getattr(dataset, "datasets", [])
    hooks = any(getattr(entry, "custom_metadata_module", None) for entry in entries)
    told = any(getattr(owner, "metadata", None) for owner in (dataset, *entries))
    if hooks or told or gives_latents(dataset) or dataset.dataset_type != "audio_dir":
        return
    for name in conditioners(conditioning):
        if name not in known and (conditioning is None or conditioning.default_keys.get(name) not in known):
            message = f"The conditioner {name!r} finds nothing: the data set tells no such thing."
            hint = "Give a source of metadata."
            yield Problem("/dataset_config", message, None, hint, related=("/model_config/model/conditioning",))


@rule(covers="C-4")
def latent_crops_are_whole_tokens(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Crops of stored latents make whole tokens of the backbone."""
    model, length = experiment.model_config_, getattr(experiment.dataset_config, "latent_crop_length", None)
    backbone = None if isinstance(model, str) else getattr(model.model, "diffusion", None)
    sizes = frame(backbone.config, None, 1) if backbone is not None else None
    if length is not None and sizes is not None and length % sizes[1]:
        message = f"latent_crop_length {length} is not a multiple of {sizes[1]}, the latent frames of a token."
        lower = max(1, length // sizes[1]) * sizes[1]
        hint = f"Write {lower} or {lower + sizes[1]}."
        related = ("/model_config/model/diffusion/config",)
        yield Problem("/dataset_config/latent_crop_length", message, length, hint, related=related)


@rule(covers="F-8")
def demos_fit_a_batch(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Demos whose conditions come from a batch are at most as many as its clips."""
    model: Any = experiment.model_config_
    demo = None if isinstance(model, str) or model.training is None else getattr(model.training, "demo", None)
    if demo is not None and getattr(demo, "demo_cond_from_batch", False) and demo.num_demos > experiment.batch_size:
        message = f"{demo.num_demos} demos take their conditions from a batch of {experiment.batch_size}."
        pointer = "/model_config/training/demo/num_demos"
        yield Problem(pointer, message, demo.num_demos, f"At most {experiment.batch_size}.", related=("/batch_size",))


@rule
def pretransform_has_weights_to_load(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """`pretransform_ckpt_path` is for models with a pretransform that has weights."""
    model: Any = experiment.model_config_
    if experiment.pretransform_ckpt_path is None or isinstance(model, str):
        return
    kind = getattr(getattr(model.model, "pretransform", None), "type", None)
    if kind not in WITH_WEIGHTS:
        message = f"The model has {'no pretransform' if kind is None else f'a pretransform of the type {kind}'}"
        message += ", so there is nothing to load."
        pointer = "/pretransform_ckpt_path"
        related = ("/model_config/model",)
        yield Problem(pointer, message, experiment.pretransform_ckpt_path, "Leave it out.", related=related)


@warning
def tokenizer_has_weights(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """The tokenizer of a language model is not trained with it, so it needs weights of its own."""
    model: Any = experiment.model_config_
    if isinstance(model, str) or model.model_type != "lm" or model.model.pretransform.type != "autoencoder":
        return
    if not (experiment.pretrained_ckpt_path or experiment.pretransform_ckpt_path or experiment.ckpt_path):
        message = "The tokenizer has random weights, and stays so: its tokens and its sound are noise."
        hint = "Give the model folder of the codec."
        yield Problem("/pretransform_ckpt_path", message, None, hint, related=("/model_config/model/pretransform",))
