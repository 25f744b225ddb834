"""Samplers: from noise to a signal, step by step along the predictions of a backbone."""
