"""Narrows."""
