"""Layouts of adapter files: one module each, which reads names and options, and writes them where others need it.

A layout has `MARKS`, the ends of names by which it is known, and `read`.
"""
