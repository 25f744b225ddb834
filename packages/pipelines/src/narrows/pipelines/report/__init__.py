"""Reports: one self-contained HTML page of a run or an evaluation, with players, pictures and curves."""

from narrows.pipelines.report.clips import Clip, Sound
from narrows.pipelines.report.page import Report, write_report
from narrows.pipelines.report.training_run import read_before_and_after, rehearse_report, report_run

__all__ = ["Clip", "Report", "Sound", "read_before_and_after", "rehearse_report", "report_run", "write_report"]
