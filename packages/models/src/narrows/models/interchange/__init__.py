"""Folders of other libraries, read as models of ours and written of them: diffusers and transformers.

`FORMATS` lists the classes that go both ways, one module each: how its `config.json` becomes a model file and back. The
names of its tensors are a table in `narrows.models.checkpoints.sources`. A whole `StableAudioPipeline` is only read.
"""

from narrows.models.interchange.folders import FORMATS, export_folder, is_foreign_folder, read_foreign_folder

__all__ = ["FORMATS", "export_folder", "is_foreign_folder", "read_foreign_folder"]
