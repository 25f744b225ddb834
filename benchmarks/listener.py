"""A small classifier of sounds, which judges what generative models make: log-mel spectrograms, two convolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.losses.spectral import mel_filters

EPOCHS, BATCH = 15, 64


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
    """
    low, high = (float(torch.tensor(level).log()) for level in noise)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Listener(classes, sample_rate)
        optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(audio)).split(BATCH):
                level = (low + (high - low) * torch.rand(len(batch), 1)).exp()
                hiss = level * torch.randn(len(batch), audio.shape[-1])
                heard = audio[batch] * torch.rand(len(batch), 1).add(0.5) + hiss
                nn.functional.cross_entropy(model(heard), kinds[batch]).backward()
                optimizer.step()
                optimizer.zero_grad()
    return model.eval()
