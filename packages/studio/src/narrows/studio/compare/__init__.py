"""Comparing: models encode and decode a sound, and what they made of it stands side by side."""
