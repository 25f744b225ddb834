"""The pretransform of magnitudes: what it promises beside the waveform, which it does not keep."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.models import create_autoencoder_from_config, create_pretransform_from_config
from narrows.models.export import ExportError, export_model
from narrows.models.pretransforms.spectrogram import SpectrogramPretransform
from narrows.models.streaming import NotExactError

SMALL = {"n_fft": 128, "hop_length": 32}


def small(channels: int = 2, **options: Any) -> SpectrogramPretransform:
    return SpectrogramPretransform(channels, **{**SMALL, **options})


def audio(channels: int = 2, frames: int = 20, batch: int = 3) -> Tensor:
    return torch.randn(batch, channels, 32 * frames, generator=torch.Generator().manual_seed(0)) / 4


def autoencoder(**pretransform: Any) -> Any:
    """One whose latents are the spectra themselves, four frames in one."""
    sizes = {"channels": 4, "c_mults": [1], "strides": [4], "latent_dim": 4}
    return create_autoencoder_from_config(
        {
            "model_type": "autoencoder",
            "sample_rate": 16000,
            "sample_size": 4096,
            "audio_channels": 1,
            "model": {
                "encoder": {"type": "oobleck", "config": {"in_channels": 65, **sizes}},
                "decoder": {"type": "oobleck", "config": {"out_channels": 65, **sizes}},
                "pretransform": {"type": "spectrogram", "config": {**SMALL, "iterations": 2, **pretransform}},
                "latent_dim": 4,
                "downsampling_ratio": 128,
                "io_channels": 1,
            },
        }
    ).eval()


def test_shapes_and_lengths() -> None:
    transform = small()
    assert transform.encode(torch.zeros(1, 2, 100)).shape == (1, transform.encoded_channels, 4)
    assert transform.encoded_channels == 130
    assert transform.decode(torch.zeros(1, 130, 7)).shape == (1, 2, 7 * 32)
    with pytest.raises(ValueError, match=r"audio must be of shape \(batch, 2, length\), got \(1, 3, 64\)"):
        transform.encode(torch.zeros(1, 3, 64))
    with pytest.raises(ValueError, match=r"encoded must be of shape \(batch, 130, length\)"):
        transform.decode(torch.zeros(1, 7, 16))
    with pytest.raises(ValueError, match="n_fft must be at least twice hop_length"):
        SpectrogramPretransform(n_fft=512, hop_length=512)


def test_a_full_scale_sinusoid_is_one_at_its_peak() -> None:
    transform = small(1, floor=1e-6, offset=-3.0, scale=0.5)
    tone = torch.sin(2 * math.pi * 10 / 128 * torch.arange(1024))[None, None]
    assert float(transform.encode(tone)[0, 10, 10]) == pytest.approx((0 + 3) / 0.5, abs=1e-3)
    silence = transform.encode(torch.zeros(1, 1, 1024))
    torch.testing.assert_close(silence, torch.full_like(silence, (math.log(1e-6) + 3) / 0.5))


def test_magnitudes_come_back_and_tones_keep_their_pitch() -> None:
    transform = create_pretransform_from_config({"type": "spectrogram"}, 16000)
    hertz = 1234.5
    tone = 0.5 * torch.sin(2 * math.pi * hertz / 16000 * torch.arange(16384))[None, None]
    back = transform.decode(transform.encode(tone))
    inside = slice(4, -4)
    torch.testing.assert_close(
        transform.encode(back)[..., inside].exp(), transform.encode(tone)[..., inside].exp(), atol=0.1, rtol=0.1
    )
    spectrum = torch.fft.rfft(back[0, 0].double() * torch.hann_window(16384, dtype=torch.float64), 1 << 18).abs()
    assert int(spectrum.argmax()) * 16000 / (1 << 18) == pytest.approx(hertz, rel=2e-4)


def test_silence_stays_silent() -> None:
    transform = small()
    assert not transform.decode(transform.encode(torch.zeros(1, 2, 640))).any()


def test_nothing_is_drawn_and_items_are_independent() -> None:
    transform, given = small(), audio()
    state = torch.get_rng_state()
    encoded = transform.encode(given)
    decoded = transform.decode(encoded)
    assert torch.equal(decoded, transform.decode(encoded))
    assert torch.equal(state, torch.get_rng_state())
    torch.testing.assert_close(transform.encode(given[1:2, 1:2].expand(-1, 2, -1))[:, 65:], encoded[1:2, 65:])
    # Without the search, which lets differences of rounding grow.
    start = small(iterations=0)
    torch.testing.assert_close(start.decode(encoded)[1:2], start.decode(encoded[1:2]), atol=1e-5, rtol=1e-4)


def test_gradients_reach_magnitudes() -> None:
    """More of a bin makes more of its energy: gradients pass by the phases that were found."""
    transform = small()
    encoded = transform.encode(audio()).requires_grad_()
    transform.decode(encoded).square().sum().backward()
    assert encoded.grad is not None
    assert torch.isfinite(encoded.grad).all()
    assert float(encoded.grad.mean(-1).min()) > 0


def test_half_precision_is_kept_outside() -> None:
    transform, given = small(), audio()
    encoded = transform.encode(given.bfloat16())
    assert encoded.dtype == torch.bfloat16
    torch.testing.assert_close(encoded.float(), transform.encode(given), atol=0.1, rtol=0.1)
    decoded = transform.decode(encoded)
    assert decoded.dtype == torch.bfloat16
    assert torch.isfinite(decoded.float()).all()


def test_pieces_are_encoded_as_the_whole_and_not_decoded_exactly() -> None:
    model, given = autoencoder().double(), audio(1, 64, 1).double()
    torch.testing.assert_close(model.encode_audio(given, chunk_size=4), model.encode(given))
    with pytest.raises(NotExactError, match="finds the phases of the whole clip together"):
        list(model.decode_stream(model.encode(given).split(4, dim=-1)))


def test_a_model_behind_it_has_no_graph(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="searches for phases"):
        export_model(autoencoder(), tmp_path)


def test_what_a_decoder_asks_too_much_for_is_held_above_full_scale() -> None:
    """A single logarithm that is far too high would otherwise make a sound of 1e10."""
    transform = small(1)
    encoded = transform.encode(audio(1))
    encoded[:, 20, 10] = 40.0
    back = transform.decode(encoded)
    assert torch.isfinite(back).all()
    assert back.abs().max() < 100
    loud = 8 * audio(1) / audio(1).abs().max()
    kept = transform.encode(loud)
    assert (transform.encode(transform.decode(kept)) - kept).abs().mean() < 0.3
