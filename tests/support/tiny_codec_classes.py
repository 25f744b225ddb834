"""Codecs of transformers and diffusers, made by their own classes, small and with random weights."""

from __future__ import annotations

from typing import Any

import transformers
from diffusers.models import autoencoders


def dac(rate: int = 8000) -> Any:
    return transformers.DacModel(
        transformers.DacConfig(
            encoder_hidden_size=8, downsampling_ratios=[2, 4], decoder_hidden_size=16, n_codebooks=3,
            codebook_size=16, codebook_dim=4, sampling_rate=rate,
        )
    )  # fmt: skip


def vibevoice() -> Any:
    return transformers.VibeVoiceAcousticTokenizerModel(
        transformers.VibeVoiceAcousticTokenizerConfig(
            depths=[1, 1, 1], downsampling_ratios=[2, 4], hidden_size=6, num_filters=4
        )
    )


def oobleck(rate: int = 8000) -> Any:
    return autoencoders.AutoencoderOobleck(
        encoder_hidden_size=8, downsampling_ratios=[2, 4], channel_multiples=[1, 2], decoder_channels=4,
        decoder_input_channels=4, audio_channels=2, sampling_rate=rate,
    )  # fmt: skip


def kvae() -> Any:
    return autoencoders.AutoencoderKLKVAEAudio(
        encoder_dim=8, encoder_rates=[2, 4], latent_dim=16, codebook_dim=4, decoder_dim=16, decoder_rates=[4, 2],
        sample_rate=8000, num_channels=1, attn_num_heads=2,
    )  # fmt: skip
