"""A training step of a latent diffusion: one update on stored latents, from the same weights, times and noise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from against.diffusion import document
from against.timing import interleaved, matrix_peak, ratios
from against.training import Parts
from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config

SIZES = {"44 M weights, 4 x 256 frames": (512, 8, 64, 256, 4), "2 M weights, 16 x 64 frames": (192, 4, 32, 64, 16)}
"""Width, depth, channels, frames, items."""
STEPS = 3
"""Updates of which the losses are compared."""


def compare(rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each size and way."""
    return [row for size in SIZES for row in _compare(size, rounds, device)]


def _compare(size: str, rounds: int, device: str) -> list[dict[str, Any]]:
    *shape, items = SIZES[size]
    difference = _difference(shape, items, device)
    reference, ours = _wrappers(shape, device, dropout=0.1)
    batch = _batch(shape, items, device)
    clocks = {"reference float32": Parts(), "narrows float32": Parts()}
    _instrument_reference(reference, clocks["reference float32"])
    _instrument_ours(ours, clocks["narrows float32"])
    ways: dict[str, Callable[[], Any]] = {
        "reference float32": lambda: _reference_step(reference, batch),
        "narrows float32": lambda: ours.step([batch], 0),
    }
    with FlopCounterMode(display=False) as counter:
        ways["narrows float32"]()
    peak = matrix_peak(torch.float32, device)
    rows = []
    for clock in clocks.values():
        clock.seconds.clear()
    for way, figures in ratios(interleaved(ways, rounds, device), "reference float32").items():
        # The arithmetic that the step needs: what the reference computes twice does not count.
        rate = counter.get_total_flops() / figures["seconds"]
        parts = {name: value / (rounds + 1) for name, value in clocks[way].seconds.items()}
        note = f"losses and weights of {STEPS} updates differ by {difference:.1e} at most; " + ", ".join(
            f"{name} {seconds * 1000:.1f} ms" for name, seconds in parts.items()
        )
        rates = {"rate": rate, "matrix_peak": peak, "share_of_peak": rate / peak}
        rows.append({"case": f"diffusion training step, {size}", "way": way, **figures, **rates, "note": note})
    return rows


def _difference(shape: list[int], items: int, device: str) -> float:
    """How far losses, and weights afterwards, are apart when both learn from the same times and noise."""
    reference, ours = _wrappers(shape, device, dropout=0.0)
    worst = 0.0
    for step in range(STEPS):
        batch = _batch(shape, items, device, seed=step)
        with _recorded(ours) as drawn:
            loss = float(ours.step([batch], step).values["loss"])
        with _given(reference, *drawn):
            worst = max(worst, abs(loss - _reference_step(reference, batch)))
    theirs = dict(reference.diffusion.model.named_parameters())
    found = ours.model.model.named_parameters()
    return max(worst, *(float((value - theirs[name]).abs().max()) for name, value in found))


@contextmanager
def _recorded(ours: Any) -> Iterator[list[Tensor]]:
    """Times and noise of our next step, once it is done."""
    noising = ours.forward.module.noising
    at, drawn = noising.at, []

    def recording(clean: Tensor, noise: Tensor, time: Tensor) -> Any:
        drawn[:] = [time, noise]
        return at(clean, noise, time)

    with patch.object(noising, "at", recording):
        yield drawn


@contextmanager
def _given(reference: Any, time: Tensor, noise: Tensor) -> Iterator[None]:
    """The reference's next step draws these times and this noise."""
    with (
        patch.object(reference.rng, "draw", lambda count: time[:, None]),
        patch.object(torch, "randn_like", lambda like: noise.to(like)),
    ):
        yield


def _document(shape: list[int], dropout: float) -> dict[str, Any]:
    optimizer = {"type": "AdamW", "config": {"lr": 5e-5, "betas": [0.9, 0.999], "weight_decay": 1e-3}}
    training = {"use_ema": True, "pre_encoded": True, "cfg_dropout_prob": dropout, "timestep_sampler": "uniform"}
    width, depth, channels, frames = shape
    return {
        **document(width, depth, channels, frames),
        "training": {**training, "optimizer_configs": {"diffusion": {"optimizer": optimizer}}},
    }


def _wrappers(shape: list[int], device: str, dropout: float) -> tuple[Any, Any]:
    """The trainers of the reference and of ours, with the same random weights: also those that start at zero."""
    from stable_audio_tools.models.factory import create_model_from_config as create_reference
    from stable_audio_tools.training.factory import create_training_wrapper_from_config as create_wrapper

    config = _document(shape, dropout)
    torch.manual_seed(0)
    theirs = create_reference(copy.deepcopy(config)).train().requires_grad_(True)
    theirs.pretransform.requires_grad_(False)
    with torch.no_grad():
        for parameter in theirs.model.parameters():
            if not parameter.any():
                parameter += 0.02 * torch.randn_like(parameter)
    model = create_model_from_config(config)
    model.load_state_dict(theirs.state_dict())
    wrapper = create_wrapper(copy.deepcopy(config), theirs).to(device)
    [wrapper.optimizer] = wrapper.configure_optimizers()
    wrapper.log_dict = lambda *arguments, **options: None
    wrapper._trainer = type("Driven", (), {"optimizers": [wrapper.optimizer]})()
    ours = create_training_wrapper_from_config(config, model)
    ours.setup(Fabric(accelerator="cuda" if device.startswith("cuda") else "cpu", devices=1))
    return wrapper, ours


def _batch(shape: list[int], items: int, device: str, seed: int = 0) -> tuple[Tensor, list[dict[str, Any]]]:
    _, _, channels, frames = shape
    generator = torch.Generator().manual_seed(seed)
    latents = torch.randn(items, channels, frames, generator=generator).to(device)
    mask = torch.ones(1, frames, dtype=torch.bool)
    metadata = [{"pitch": float(i), "seconds_total": 4.0, "padding_mask": mask} for i in range(items)]
    return latents, metadata


def _reference_step(wrapper: Any, batch: Any) -> float:
    """An update as Lightning makes it, without its own cost; its average follows the gradients' reset."""
    loss = wrapper.training_step(batch, 0)
    wrapper.on_before_zero_grad()
    wrapper.optimizer.zero_grad()
    wrapper.backward(loss)
    wrapper.optimizer.step()
    return float(loss)


def _instrument_reference(wrapper: Any, parts: Parts) -> None:
    wrapper.diffusion.conditioner.forward = parts.timed("conditions", wrapper.diffusion.conditioner.forward)
    wrapper.diffusion.model.forward = parts.timed("network", wrapper.diffusion.model.forward)
    wrapper.backward = parts.timed("backward", lambda loss: loss.backward())
    wrapper.optimizer.step = parts.timed("optimizer", wrapper.optimizer.step)
    wrapper.diffusion_ema.update = parts.timed("average", wrapper.diffusion_ema.update)


def _instrument_ours(training: Any, parts: Parts) -> None:
    training.model.conditioner.forward = parts.timed("conditions", training.model.conditioner.forward)
    network = training.model.model.model
    network.forward = parts.timed("network", network.forward)
    training.fabric.backward = parts.timed("backward", training.fabric.backward)
    for part in training.groups.values():
        object.__setattr__(part, "update", parts.timed("optimizer", part.update))
    training.ema.update = parts.timed("average", training.ema.update)
