"""Codecs that run as the class of transformers or diffusers that wrote them, frozen; for classes without an own one.

A folder of a class that `narrows.models.interchange` knows is loaded into the modules of this package instead.
"""

from narrows.models.bridge.codec import bridged_codec
from narrows.models.bridge.reading import BridgeError, is_bridged_folder

__all__ = ["BridgeError", "bridged_codec", "is_bridged_folder"]
