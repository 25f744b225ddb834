"""Processes, devices and sharded weights."""
