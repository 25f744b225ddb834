"""Metrics: functions of reference `(C, T)`, estimate `(C, T)` and sample rate in Hz that give a number."""

from narrows.training.metrics.distortion import aligned_si_sdr, measured_delay, si_sdr
from narrows.training.metrics.spectral import mel_distance, stft_distance

__all__ = ["aligned_si_sdr", "measured_delay", "mel_distance", "si_sdr", "stft_distance"]
