"""Pictures of audio."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Curves = dict[str, list[tuple[float, float]]]
"""Points `(step, value)` by name."""
FLOOR_DB, WINDOW, HOP = -100.0, 2048, 512


def spectrogram_db(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power spectrogram of the channels' mean, in dB relative to a full-scale sine.

    Shape:
        `(C, T)` → `(1025, frames)`
    """
    mono = audio.mean(axis=0)
    mono = np.pad(mono, (WINDOW // 2, WINDOW // 2 + max(0, HOP - mono.size)))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1)).T * (2 / window.sum())
    decibel: NDArray[np.float32] = 20 * np.log10(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))
    return decibel


def spectrogram_png(audio: NDArray[np.float32], sample_rate: int) -> bytes:
    """The spectrogram of audio `(C, T)` as a PNG file, from -100 dB to 0 dB full scale."""
    figure = Figure(figsize=(7, 2.4), dpi=100, layout="constrained")
    axes = figure.subplots()
    extent = (0, audio.shape[-1] / sample_rate, 0, sample_rate / 2000)
    image = axes.imshow(
        spectrogram_db(audio), origin="lower", aspect="auto", extent=extent, vmin=FLOOR_DB, vmax=0, cmap="magma"
    )
    axes.set(xlabel="s", ylabel="kHz")
    figure.colorbar(image, label="dB full scale")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def curves_svg(curves: Curves, title: str, behind: Curves | None = None) -> str:
    """Curves over steps as an SVG picture; the value axis is logarithmic when all values are positive and span much.

    Args:
        curves: points by name.
        title: of the picture.
        behind: curves to compare with, by the same names; drawn dashed, in the colour of their counterpart.
    """
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    shown = dict(curves)
    for name, points in curves.items():
        (line,) = axes.plot(*zip(*points, strict=True), label=name, marker="." if len(points) < 20 else None)
        if behind and name in behind:
            shown[f"{name}, reference"] = other = behind[name]
            label = f"{name}, reference"
            axes.plot(
                *zip(*other, strict=True), label=label, color=line.get_color(), linestyle="--", alpha=0.5, zorder=1
            )
    values = [value for points in shown.values() for _, value in points]
    if min(values) > 0 and max(values) > 10 * min(values):
        axes.set_yscale("log")
    axes.set(xlabel="step", title=title)
    axes.legend()
    axes.grid(alpha=0.3)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue().partition("<svg")[1] + buffer.getvalue().partition("<svg")[2]
