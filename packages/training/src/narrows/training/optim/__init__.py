"""Optimizers, schedules, parameter groups and weight averages."""
