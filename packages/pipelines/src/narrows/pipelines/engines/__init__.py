"""Engines: who carries out a plan. Plans are made elsewhere and are the same for every engine.

`local` works in this process; `ray` on the machines of a Ray cluster, and is imported only where it is asked for.
"""

from narrows.pipelines.engines.errors import EngineError
from narrows.pipelines.engines.jobs import Attempt, Job, Reader, Worker
from narrows.pipelines.engines.kinds import Kind
from narrows.pipelines.engines.local import run_locally

__all__ = ["Attempt", "EngineError", "Job", "Kind", "Reader", "Worker", "run_locally"]
