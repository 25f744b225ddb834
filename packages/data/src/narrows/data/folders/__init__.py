"""Work on whole folders of audio: looking into them, packing them into shards."""

from __future__ import annotations

from narrows.data.folders.inspect import inspect_folder
from narrows.data.folders.pack import PackReport, pack_folder
from narrows.data.folders.report import FileReport, FolderReport

__all__ = ["FileReport", "FolderReport", "PackReport", "inspect_folder", "pack_folder"]
