"""Watching training runs: what a trainer leaves in its folder, read while it works, without training code."""
