"""Containers and encodings: decoders, and the signs of damage that they pass over."""
