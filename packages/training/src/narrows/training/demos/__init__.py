"""Demos: what the model makes, written at chosen steps."""
