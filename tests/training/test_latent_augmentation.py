"""Latents that are changed between encoder and decoder, and the audio that is then wanted."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.training_cases import experiment_config, model_config

from narrows.configs import ConfigError, load_config
from narrows.models import create_model_from_config, load_model
from narrows.training import train
from narrows.training.latent_augmentation import Change, LatentAugmentation
from narrows.training.trainers.autoencoder import AutoencoderForward


def test_noise_has_the_share_of_each_channel_that_was_asked_for():
    torch.manual_seed(0)
    latents = torch.randn(400, 2, 64) * torch.tensor([1.0, 10.0])[:, None]
    added = LatentAugmentation(noise=0.5).noisy(latents) - latents
    shares = added.std(dim=2) / latents.std(dim=(0, 2))
    assert shares.max() < 0.75
    assert shares.min() < 0.05
    assert torch.allclose(shares.mean(dim=0), torch.tensor([0.25, 0.25]), atol=0.03)


def test_nothing_is_changed_or_drawn_by_default():
    latents = torch.randn(2, 3, 8)
    before = torch.get_rng_state()
    augmentation = LatentAugmentation()
    change = augmentation.change(latents, 4)
    assert change.is_none
    assert augmentation.noisy(change.of_latents(latents)) is latents
    assert change.of_audio(latents) is latents
    assert torch.equal(before, torch.get_rng_state())


@settings(deadline=None)
@given(st.integers(2, 16), st.integers(2, 9), st.integers(0, 15), st.data())
def test_audio_and_latents_are_shifted_alike(ratio, frames, missing, data):
    """Latents that are the time of their frames' first samples become the time of what is then the first sample."""
    samples = frames * ratio - min(missing, ratio - 1)
    shift = data.draw(st.integers(1, ratio - 1))
    change = Change(ratio, shift=shift)
    audio = torch.arange(float(samples)).expand(1, 1, -1)
    latents = torch.arange(0.0, frames * ratio, ratio).expand(1, 1, -1)
    changed, wanted = change.of_latents(latents), change.of_audio(audio)
    assert changed.shape[-1] == frames - 1
    assert wanted.shape[-1] <= (frames - 1) * ratio
    assert torch.allclose(changed[0, 0], wanted[0, 0, ::ratio][: frames - 1], atol=1e-4)


def test_the_wanted_audio_is_louder_where_the_latents_are():
    model = create_model_from_config(model_config(None))
    audio, seen = 0.3 * torch.randn(6, 2, 1024), []
    model.decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    torch.manual_seed(0)
    info = AutoencoderForward(model, augmentation=LatentAugmentation(gain=12.0))(audio)
    gains = (seen[0] / info["latents"].detach()).mean(dim=(1, 2))
    assert gains.min() > 0.25
    assert gains.max() < 4.0
    assert gains.std() > 0.1
    assert torch.allclose(info["reals"], audio * gains[:, None, None], atol=1e-5)


def test_padding_stays_padding_behind_a_shift():
    model = create_model_from_config(model_config(None))
    audio = 0.3 * torch.randn(2, 2, 1024)
    mask = torch.ones(2, 1024, dtype=torch.bool)
    mask[1, 500:] = False
    torch.manual_seed(0)
    info = AutoencoderForward(model, augmentation=LatentAugmentation(shift=1.0))(audio, mask=mask)
    length = 1024 - model.downsampling_ratio
    assert info["reals"].shape == info["decoded"].shape == (2, 2, length)
    shift = 500 - int(info["padding_mask"][1].sum())
    assert 0 < shift < model.downsampling_ratio
    assert torch.equal(info["reals"], (audio * mask[:, None])[..., shift : shift + length])
    assert not info["decoded"][1, :, 500 - shift :].any()


def test_a_run_with_all_of_it_goes_on(clips, tmp_path):
    changed = {"noise": 0.2, "gain": 6.0, "shift": 0.5}
    model = model_config({"type": "vae"}, latent_augmentation=changed, clip_grad_percentile=50)
    model["training"]["loss_configs"]["latents"] = {"weights": {"roughness": 0.1}}
    model["training"]["loss_configs"]["bottleneck"] = {"weights": {"kl": 1e-3}, "warmup_steps": 10}
    whole = train(experiment_config(clips, tmp_path / "whole", model, steps=14), progress=False)
    for steps in (12, 14):
        parts = train(experiment_config(clips, tmp_path / "parts", model, steps=steps), progress=False)
    # Two steps of another mask, noise or limit would be as large as two steps, 2e-3. Bits are compared elsewhere: where
    # every step is clipped to a share of earlier norms, rounding of one step reaches all later ones.
    expected, found = (load_model(run.model).state_dict() for run in (whole, parts))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("changed", [{"gain": 6.0}, {"shift": 0.5}])
def test_a_teacher_hears_other_audio_and_is_refused(changed):
    model = model_config(None, latent_augmentation=changed, teacher_model=model_config(None), teacher_model_ckpt="t")
    with pytest.raises(ConfigError, match="latent_augmentation"):
        load_config(model, "model")
