"""A small classifier of sounds, which judges what generative models make: log-mel spectrograms, two convolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.losses.spectral import mel_filters

EPOCHS, BATCH = 15, 64
KNOTS = 6
"""Of the random curve over the frequencies by which sounds and noise are coloured."""


class Listener(nn.Module):
    """A classifier of log-mel spectrograms.

    Args:
        classes: how many there are.
        sample_rate: in Hz.
    """

    def __init__(self, classes: int, sample_rate: int) -> None:
        super().__init__()
        self.register_buffer("mel", mel_filters(sample_rate, 512, 48).float())
        self.register_buffer("window", torch.hann_window(512))
        self.layers = nn.Sequential(
            nn.Conv1d(48, 64, 5, stride=2), nn.GELU(), nn.GroupNorm(1, 64), nn.Conv1d(64, 64, 5, stride=2), nn.GELU()
        )
        self.head = nn.Linear(128, classes)

    def forward(self, audio: Tensor) -> Tensor:
        """Logits of audio `(B, samples)`."""
        spectrum = torch.stft(audio, 512, 256, window=self.window, return_complex=True).abs()
        x = self.layers(((self.mel @ spectrum + 1e-3).log() + 6) / 1.5)
        return self.head(torch.cat([x.mean(-1), x.amax(-1)], dim=-1))  # type: ignore[no-any-return]


def listener(
    audio: Tensor,
    kinds: Tensor,
    classes: int,
    sample_rate: int,
    seed: int = 0,
    noise: tuple[float, float] = (3e-3, 3e-3),
    colour: float = 0.0,
) -> Listener:
    """A classifier that was trained on sounds at varied levels and in noise.

    Args:
        audio: `(N, samples)`.
        kinds: its classes, `(N,)`.
        classes: how many there are.
        sample_rate: in Hz.
        seed: of weights, order and noise.
        noise: least and greatest level of the noise, drawn for each sound, its logarithm uniformly. A classifier of
            clean sounds in little noise hears the faint hiss of a codec before the sound in it.
        colour: deviation, in nepers, of random curves over the frequencies, of the sound and of the noise. What is left
            of a sound behind a model is seldom white, and a class is not a matter of a few decibels of treble.
    """
    low, high = (float(torch.tensor(level).log()) for level in noise)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Listener(classes, sample_rate)
        optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(audio)).split(BATCH):
                level = (low + (high - low) * torch.rand(len(batch), 1)).exp()
                hiss = coloured(torch.randn(len(batch), audio.shape[-1]), colour)
                sound = coloured(audio[batch], colour)
                heard = sound * torch.rand(len(batch), 1).add(0.5) + level * hiss
                nn.functional.cross_entropy(model(heard), kinds[batch]).backward()
                optimizer.step()
                optimizer.zero_grad()
    return model.eval()


def coloured(audio: Tensor, deviation: float) -> Tensor:
    """Audio `(N, samples)` behind a filter of its own each, without phase, of the same energy.

    Args:
        audio: to filter.
        deviation: of the logarithm of the gain, which is drawn at `KNOTS` frequencies; 0 changes nothing.
    """
    if deviation == 0:
        return audio
    spectrum = torch.fft.rfft(audio)
    knots = deviation * torch.randn(len(audio), 1, KNOTS)
    gain = nn.functional.interpolate(knots, spectrum.shape[-1], mode="linear", align_corners=True)[:, 0].exp()
    out = torch.fft.irfft(spectrum * gain, n=audio.shape[-1])
    return out * (audio.norm(dim=-1, keepdim=True) / out.norm(dim=-1, keepdim=True).clamp(min=1e-9))
