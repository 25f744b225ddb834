# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict


class StudioRunMetrics(ConfigModel):
    """
    Lines of a run's log.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    records: list[dict[str, float | str | None]]
    """
    Lines that were added, each with `step` and `split` (`train` or `val`).
    """
    offset: int
    """
    Give it as `after` to get what is added later.
    """
    restarted: bool
    """
    Whether the log has begun anew: what was read before no longer counts.
    """
