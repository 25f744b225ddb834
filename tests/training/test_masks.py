"""What was padded counts nowhere: whatever stands there, a step gives the same losses, gradients and codebooks."""

import pytest
import torch
from support.training_cases import model_config

from narrows.configs import load_config
from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config
from narrows.training.distributed.fabric import create_fabric
from narrows.training.masks import frame_mask, padding_mask, silenced

LENGTHS = (1024, 612, 300)
TIME = {"weights": {"l1": 1.0, "l2": 1.0, "sisdr": 0.1, "mmd": 1.0, "stereo_image": 1.0}}
ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}
BOTTLENECKS = {
    "vae": {"type": "vae"},
    "wasserstein": {"type": "wasserstein"},
    "rvq": {"type": "rvq", "config": {"dim": 4, "codebook_size": 8, "num_quantizers": 2}},
    "dac_rvq": {"type": "dac_rvq", "config": {"input_dim": 4, "codebook_size": 8, "n_codebooks": 2}},
    "lfq": {"type": "lfq", "config": {"dim": 4, "codebook_size": 16}},
    "vector_quantize_pytorch": {
        "type": "vector_quantize_pytorch",
        "config": {"quantizer": "GroupedResidualVQ", "dim": 4, "codebook_size": 8, "num_quantizers": 2, "groups": 2},
    },
    "none": None,
}


def batch(garbage):
    """Three clips padded to one length with the value given, and their metadata as a loader gives it."""
    audio = 0.3 * torch.randn(3, 2, 1024, generator=torch.Generator().manual_seed(0))
    masks = torch.arange(1024) < torch.tensor(LENGTHS)[:, None]
    return audio.masked_fill(~masks[:, None], garbage), [{"padding_mask": mask} for mask in masks]


def one_step(bottleneck, garbage):
    """All that a step leaves: losses, gradients, weights, codebooks and their statistics, use of the codes."""
    torch.manual_seed(0)
    config = model_config(bottleneck)
    config["training"]["loss_configs"] |= {"time": TIME, "discriminator": ADVERSARY}
    config["training"]["loss_configs"]["mrmel"] = {
        "config": {"n_mels": [8], "window_lengths": [128]},
        "weights": {"mrmel": 1.0},
    }
    model = create_model_from_config(config)
    training = create_training_wrapper_from_config(config, model)
    training.setup(create_fabric_for(config))
    training.train()
    seen = {}

    def noting(*_):
        modules = {"model": training.model, "discriminator": training.adversary.module}
        for name, module in modules.items():
            seen.update({f"{name}/{key}": p.grad.clone() for key, p in module.named_parameters() if p.grad is not None})

    training.groups["autoencoder"].optimizer.optimizer.register_step_pre_hook(noting)
    outcome = training.step([batch(garbage)], 0)
    assert outcome.problem is None
    measured = training.validate([batch(garbage)])
    return outcome.values | seen | training.model.state_dict() | training.log_values() | measured


def create_fabric_for(config):
    data = {"dataset_type": "audio_dir", "path": "unused"}
    whole = {"experiment": "train", "model_config": config, "dataset_config": data, "accelerator": "cpu"}
    return create_fabric(load_config(whole, "experiment"))


@pytest.mark.parametrize("name", BOTTLENECKS)
def test_what_is_padded_changes_nothing(name):
    """Exactly: losses, gradients, codebooks, their statistics and the figures of validation."""
    clean, dirty = (one_step(BOTTLENECKS[name], garbage) for garbage in (0.0, 0.7))
    assert clean.keys() == dirty.keys()
    assert any(key.startswith("model/encoder") for key in clean)
    for key, value in clean.items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(dirty[key])), key


def test_padding_does_not_dilute_means():
    """The waveform distance is the mean over what is signal, and so is a bottleneck's loss."""
    short = model_config({"type": "vae"})
    del short["training"]["loss_configs"]["spectral"]
    torch.manual_seed(0)
    model = create_model_from_config(short)
    training = create_training_wrapper_from_config(short, model)
    training.setup(create_fabric_for(short))
    audio = 0.3 * torch.randn(1, 2, 1024, generator=torch.Generator().manual_seed(0))
    mask = torch.arange(1024)[None] < 512
    info = training.reconstruct(audio, mask)
    expected = (info["reals"] - info["decoded"])[..., :512].abs().mean()
    torch.testing.assert_close(training.losses(info)[1]["l1_time_loss"], expected)
    assert not info["decoded"][..., 512:].any()


def test_masks_are_those_of_the_clips():
    full = [{"padding_mask": torch.ones(8, dtype=torch.bool)}, {}]
    assert padding_mask(full, 8) is None
    padded = padding_mask([{"padding_mask": torch.arange(8) < 5}, {}], 8)
    assert padded.tolist() == [[True] * 5 + [False] * 3, [True] * 8]
    assert frame_mask(padded, 3).tolist() == [[True, True, False], [True] * 3]
    assert silenced(torch.full((1, 1, 4), float("nan")), padded[:1, 3:7]).isnan().sum() == 2
