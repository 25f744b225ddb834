"""Reports: one self-contained HTML page of a run or an evaluation, with players, pictures and curves."""

from narrows.training.report.clips import Clip
from narrows.training.report.page import Report, write_report

__all__ = ["Clip", "Report", "write_report"]
