"""What a run says while it goes."""

import io

from narrows.pipelines.progress import Progress


def line(**options):
    stream = io.StringIO()
    progress = Progress(1000, shown=True, stream=stream, **options)
    progress.values(10, {"loss": 1.5})
    return stream.getvalue()


def test_lines_name_step_values_and_the_time_left():
    text = line()
    assert text.startswith("step 10/1000  loss 1.5")
    assert text.endswith(" left\n")


def test_a_limit_in_seconds_bounds_the_time_left():
    assert line(limit=0.001).endswith("0:00 left\n")
