"""Learning from a teacher, and learning with latents masked."""

import math

import pytest
import torch
from support.training_cases import experiment_config, model_config

from narrows.models import create_model_from_config, load_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.trainers.autoencoder import AutoencoderForward


@pytest.fixture(scope="module")
def teacher(tmp_path_factory, clips):
    return train(
        experiment_config(clips, tmp_path_factory.mktemp("teacher"), model_config(None), steps=3), progress=False
    )


def pupil(teacher, **training):
    """A model file whose teacher is a trained one."""
    plain = model_config(None)
    plain["training"] = None
    return model_config(
        None, teacher_model=plain, teacher_model_ckpt=str(teacher.model / "model.safetensors"), **training
    )


def test_the_pupil_learns_and_its_teacher_stays_as_it_is(teacher, clips, tmp_path):
    before = load_model(teacher.model).state_dict()
    # Another seed: with its own, the pupil would begin where the teacher did.
    settings = {"steps": 4, "val_batches": 0, "seed": 7}
    model = pupil(teacher, learning_rate=3e-3, use_ema=False)
    run = train(experiment_config(clips, tmp_path, model, **settings), progress=False)
    after = load_model(teacher.model).state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    logged = [record for record in read_metrics(run.folder / "metrics.jsonl") if record["split"] == "train"]
    assert all(math.isfinite(record["latent_distill_loss"]) for record in logged)
    weights = load_model(run.model).state_dict()
    assert not all(torch.equal(value, before[key]) for key, value in weights.items())


def test_terms_and_gradients_of_distillation(teacher):
    config = pupil(teacher)
    model = create_model_from_config(config)
    training = create_training_wrapper_from_config(config, model)
    taught = load_model(teacher.model).requires_grad_(False)
    info = AutoencoderForward(model, taught)(0.3 * torch.randn(1, 2, 1024))
    _, terms = training.losses(info)
    assert {"latent_distill_loss", "mrstft_loss", "mrstft_loss_own_latents_teacher"} <= terms.keys()
    # Through the teacher's decoder a gradient reaches the pupil's encoder, and nothing else.
    terms["mrstft_loss_own_latents_teacher"].backward()
    assert any(p.grad is not None and bool(p.grad.any()) for p in model.encoder.parameters())
    assert all(p.grad is None for p in [*model.decoder.parameters(), *taught.parameters()])


def test_masked_latents_are_those_of_training_alone():
    model = create_model_from_config(model_config(None))
    seen = []
    model.decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    audio = 0.3 * torch.randn(4, 2, 1024)
    info = AutoencoderForward(model, latent_mask_ratio=0.25)(audio)
    dropped = seen[-1] == 0
    assert 0.2 < dropped.float().mean() < 0.3
    assert torch.equal(seen[-1][~dropped], info["latents"].detach()[~dropped])
    AutoencoderForward(model)(audio)
    assert bool(seen[-1].all())
