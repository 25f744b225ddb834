"""Averages of a training's weights whose length is chosen after it (post-hoc EMA; Karras et al. 2024).

A run keeps averages of two lengths and writes snapshots of them; any other length is a combination of the snapshots.
"""
