"""Demos: outputs of the model, written at chosen steps."""
