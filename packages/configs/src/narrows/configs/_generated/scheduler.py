# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from ._internal_2 import SchedulerConfig

__all__ = ["SchedulerConfig"]
