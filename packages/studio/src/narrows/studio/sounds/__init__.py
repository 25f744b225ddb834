"""Sounds that the studio keeps, and how they come in."""
