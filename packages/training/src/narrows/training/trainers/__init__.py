"""Trainers: one file each, and `base` with what they have in common.

A trainer is added as a file here: a final subclass of `base.Trainer`, and a builder registered with
`base.build_trainer` for the model files that it trains. See `narrows.training.factory`.
"""
