"""Weights under the model's own names: files of this library, and exported files of stable-audio-tools."""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Layout

LAYOUTS = (Layout("weights under the model's names", renames=()),)
