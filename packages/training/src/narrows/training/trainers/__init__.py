"""Trainers: one file a model type."""
