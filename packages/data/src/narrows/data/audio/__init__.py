"""Single audio files and single signals: reading, writing, resampling, channels, levels, crops."""

from __future__ import annotations
