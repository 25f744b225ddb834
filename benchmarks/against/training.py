"""A training step: one update of the autoencoder and one of its discriminator, from the same weights and batch.

The reference makes its two updates in two steps, each of which computes everything; ours makes both in one. Without a
discriminator both make one.
"""

from __future__ import annotations

import copy
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import torch
from lightning_fabric import Fabric

from against.autoencoders import load
from against.timing import interleaved, peak_memory, ratios
from narrows.models.checkpoints.names import to_file
from narrows.training import create_training_wrapper_from_config


class Parts:
    """Seconds that calls take, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, timed under a name."""

        def run(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*arguments, **options)
            finally:
                self.seconds[name] += time.perf_counter() - start

        return run


def compare(rounds: int, device: str, samples: int, judged: bool = True) -> list[dict[str, Any]]:
    """One row for the reference and one for ours; with `judged` against a discriminator."""
    config, reference_model, model = _loaded(device, judged)
    training = _ours(config, model, device)
    reference = _reference(config, reference_model, device)
    if judged:
        judge = reference.discriminator
        # The windows of its transforms, which ours does not store, stay as they are.
        judge.load_state_dict(judge.state_dict() | to_file(training.adversary.module.state_dict()))
    torch.manual_seed(1)
    audio = 0.3 * torch.randn(1, config["audio_channels"], samples, device=device)
    clocks = {"reference float32": Parts(), "narrows float32": Parts()}
    _instrument_reference(reference, clocks["reference float32"])
    _instrument_ours(training, clocks["narrows float32"])
    losses: dict[str, list[float]] = {way: [] for way in clocks}
    steps = {
        "reference float32": lambda: _reference_steps(reference, audio),
        "narrows float32": lambda: _our_step(training, audio),
    }
    ways = {way: (lambda way=way, step=step: losses[way].append(step())) for way, step in steps.items()}
    table = ratios(interleaved(ways, rounds, device), "reference float32")
    return [
        {
            "case": f"training step{'' if judged else ' without a discriminator'}, {samples} samples",
            "way": way,
            **figures,
            "first_loss": losses[way][0],
            "parts": {name: value / (rounds + 1) for name, value in clocks[way].seconds.items()},
            "peak_bytes": _peak_memory(way, device, samples, judged),
        }
        for way, figures in table.items()
    ]


def _loaded(device: str, judged: bool) -> tuple[dict[str, Any], Any, Any]:
    """Configuration, the reference's model and ours."""
    config, reference_model, model = load("oobleck", device)
    if not judged:
        config = copy.deepcopy(config)
        for section in ("loss_configs", "optimizer_configs"):
            config["training"][section].pop("discriminator", None)
    return config, reference_model, model


def _reference_steps(reference: Any, audio: torch.Tensor) -> float:
    """An update of the autoencoder, then one of the discriminator, if there is one; the loss of the first."""
    losses = []
    for count in (0, 1) if reference.use_disc else (0,):
        torch.manual_seed(2)
        reference.count = count
        losses.append(float(reference.training_step((audio, [{}]), 0)))
    return losses[0]


def _our_step(training: Any, audio: torch.Tensor) -> float:
    torch.manual_seed(2)
    return float(training.step([(audio, [{}])], 0).values["loss"])


def _peak_memory(way: str, device: str, samples: int, judged: bool) -> int:
    """Bytes that a process of its own needs for two steps at most, the libraries it imports included.

    The first leaves the moments of the optimizer behind, which are there in every other.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_two_steps, way, device, samples, judged, torch.get_num_threads()).result()


def _two_steps(way: str, device: str, samples: int, judged: bool, threads: int) -> int:
    torch.set_num_threads(threads)
    config, reference_model, model = _loaded(device, judged)
    audio = 0.3 * torch.randn(1, config["audio_channels"], samples, device=device)
    if way.startswith("reference"):
        del model
        reference = _reference(config, reference_model, device)
        for _ in range(2):
            _reference_steps(reference, audio)
    else:
        del reference_model
        training = _ours(config, model, device)
        for _ in range(2):
            _our_step(training, audio)
    return peak_memory(device)


def _ours(config: dict[str, Any], model: Any, device: str) -> Any:
    model.train().requires_grad_(True)
    training = create_training_wrapper_from_config(config, model)
    training.setup(Fabric(accelerator="cuda" if device.startswith("cuda") else "cpu", devices=1))
    training.train()
    return training


def _reference(config: dict[str, Any], model: Any, device: str) -> Any:
    # Built again: the reference's weight normalisation cannot be copied.
    return reference_wrapper(config, model.train().requires_grad_(True), load("oobleck", device)[1], device)


def reference_wrapper(config: dict[str, Any], model: Any, average: Any, device: str) -> Any:
    """The reference's Lightning module, driven by hand instead of by a trainer.

    Args:
        config: model file.
        model: the reference's, to be trained.
        average: another of the same weights.
        device: where both are.
    """
    from stable_audio_tools.training.autoencoders import AutoencoderTrainingWrapper

    class Driven(AutoencoderTrainingWrapper):  # type: ignore[misc]
        count = 0

        @property
        def global_step(self) -> int:
            return self.count

    options = config["training"]
    wrapper = Driven(
        model,
        sample_rate=config["sample_rate"],
        loss_config=copy.deepcopy(options["loss_configs"]),
        optimizer_configs=copy.deepcopy(options["optimizer_configs"]),
        warmup_steps=options.get("warmup_steps", 0),
        warmup_mode=options.get("warmup_mode", "adv"),
        use_ema=options["use_ema"],
        ema_copy=average,
        clip_grad_norm=options.get("clip_grad_norm", 0.0),
    ).to(device)
    made = wrapper.configure_optimizers()
    optimizers, schedules = made if isinstance(made, tuple) else (made, None)
    # Lightning gives one of a kind as itself.
    wrapper.optimizers = lambda: optimizers if len(optimizers) > 1 else optimizers[0]
    wrapper.lr_schedulers = lambda: schedules[0] if schedules and len(schedules) == 1 else schedules
    wrapper.manual_backward = lambda loss: loss.backward()
    wrapper.log_dict = lambda *arguments, **options: None
    return wrapper


def _instrument_reference(wrapper: Any, parts: Parts) -> None:
    model = wrapper.autoencoder
    model.encode = parts.timed("forward", model.encode)
    model.decode = parts.timed("forward", model.decode)
    if wrapper.use_disc:
        wrapper.discriminator.loss = parts.timed("discriminator", wrapper.discriminator.loss)
    wrapper.losses_gen.forward = parts.timed("losses", wrapper.losses_gen.forward)
    wrapper.manual_backward = parts.timed("backward", wrapper.manual_backward)
    found = wrapper.optimizers()
    for optimizer in found if isinstance(found, list) else [found]:  # Lightning gives one as itself
        optimizer.step = parts.timed("optimizer", optimizer.step)


def _instrument_ours(training: Any, parts: Parts) -> None:
    training.model.encode = parts.timed("forward", training.model.encode)
    training.model.decode = parts.timed("forward", training.model.decode)
    if training.adversary is not None:
        training.adversary.judgement = parts.timed("discriminator", training.adversary.judgement)
        training.adversary.judge = parts.timed("discriminator", training.adversary.judge)
    training.losses.parts = parts.timed("losses", training.losses.parts)
    training.fabric.backward = parts.timed("backward", training.fabric.backward)
    for part in training.groups.values():
        object.__setattr__(part, "update", parts.timed("optimizer", part.update))
