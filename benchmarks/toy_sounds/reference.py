"""The same training by stable-audio-tools, in the Python of `nox -s references`: a script that the experiment starts.

    .nox/references/bin/python benchmarks/toy_sounds/reference.py EXPERIMENT.json WEIGHTS.safetensors

It takes codec, batches, steps, seed, optimizer and schedule of the experiment. What stable-audio-tools does not know is
left out by `as_reference`: its own way of the same is part of the comparison.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from torch import nn

UNKNOWN_OF_DIFFUSION = (
    "guided_conditions",
    "apg_scale",
    "mask_padding_attention",
    "sampling_distribution_shift_options",
)
RECIPE_OF_DIFFUSION = ("distribution_shift_options",)
"""Known to it, and part of our recipe: it trains with uniform times, as its own files have it."""
UNKNOWN_OF_NUMBERS = ("fourier_features_type", "highest_frequency")
UNKNOWN_OF_TRAINING = ("ema_decay", "clip_grad_norm", "cfg_dropout_joint")


def as_reference(model_config: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """The model file without keys of this library, and with the deviation of the latents as their scale."""
    config = copy.deepcopy(dict(model_config))
    model, training = config["model"], config["training"]
    model["pretransform"].pop("standardize", None)
    model["pretransform"] |= {"scale": scale, "iterate_batch": False}
    for conditioner in model["conditioning"]["configs"]:
        for name in UNKNOWN_OF_NUMBERS:
            conditioner.get("config", {}).pop(name, None)
    for name in (*UNKNOWN_OF_DIFFUSION, *RECIPE_OF_DIFFUSION):
        model["diffusion"].pop(name, None)
    for name in UNKNOWN_OF_TRAINING:
        training.pop(name, None)
    return config


class StandIn(nn.Module):
    """What stable-audio-tools asks of a pretransform whose latents are stored.

    Args:
        scale: by which they are divided.
        downsampling_ratio: samples a frame.
    """

    enable_grad = False

    def __init__(self, scale: float, downsampling_ratio: int) -> None:
        super().__init__()
        self.scale, self.downsampling_ratio = scale, downsampling_ratio


def without_codec(create: Callable[[dict[str, Any]], Any], config: Mapping[str, Any]) -> Any:
    """The model with a stand-in for its codec: of latents that were encoded before, its scale is all that is used.

    stable-audio-tools does not know all codecs of this library.
    """
    bare = copy.deepcopy(dict(config))
    pretransform = bare["model"].pop("pretransform")
    model = create(bare)
    model.pretransform = StandIn(pretransform["scale"], pretransform["config"]["downsampling_ratio"])
    return model


def main() -> None:
    """Train, and save the averaged weights."""
    import torch
    from safetensors.torch import save_file
    from stable_audio_tools.models.factory import create_model_from_config
    from stable_audio_tools.training.factory import create_training_wrapper_from_config

    from narrows.data import create_dataloader_from_config

    document = json.loads(Path(sys.argv[1]).read_text())
    config = document["model_config"]
    torch.set_num_threads(1)
    torch.manual_seed(document["seed"])
    model = without_codec(create_model_from_config, config)
    wrapper = create_training_wrapper_from_config(copy.deepcopy(config), model)
    wrapper.log_dict = lambda *arguments, **options: None
    (optimizer,), schedules = wrapper.configure_optimizers()
    wrapper._trainer = SimpleNamespace(optimizers=[optimizer])  # of which it logs the rate
    data, batch, length = document["dataset_config"], document["batch_size"], config["sample_size"]
    loader = create_dataloader_from_config(data, batch, length, config["sample_rate"], 1, num_workers=0)
    step = 0
    while step < document["steps"]:
        for latents, about in loader:
            masks = [item | {"padding_mask": [torch.as_tensor(item["padding_mask"])]} for item in about]
            loss = wrapper.training_step((latents, masks), step)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedules[0]["scheduler"].step()
            wrapper.on_before_zero_grad()
            step += 1
            if step == document["steps"]:
                break
    model.model = wrapper.diffusion_ema.ema_model
    state = {
        name: value.contiguous() for name, value in model.state_dict().items() if not name.startswith("pretransform")
    }
    save_file(state, sys.argv[2])


if __name__ == "__main__":
    main()
