"""A page with a player for each sound that was generated."""

from __future__ import annotations

import json
from pathlib import Path

from narrows.audio.files import read_audio
from narrows.pipelines.generation.run import Plan
from narrows.pipelines.report.clips import Sound
from narrows.pipelines.report.page import Report, write_report

SAID = ("seconds", "seed", "steps", "cfg_scale", "negative", "sampler")
"""Fields of a request that the table shows."""


def write_page(plan: Plan, path: Path) -> Path:
    """Write the page of the outputs of a plan that are there; it holds the sounds in itself.

    Args:
        plan: of `make_plan`.
        path: of the page.
    """
    sounds, table, licenses = [], {}, set()
    for output in plan.outputs:
        if not output.done:
            continue
        beside = json.loads(output.path.with_suffix(".json").read_text(encoding="utf-8"))
        audio, rate = read_audio(output.path)
        request = beside["request"]
        name = f"{output.path.name}: {request.get('prompt') or json.dumps(request.get('conditions', {}))}"
        levels = {"peak": beside["peak"]} | ({} if beside["loudness"] is None else {"LUFS": beside["loudness"]})
        sounds.append(Sound(name, audio.numpy(), rate, levels))
        table[output.path.name] = [_shown(request.get(key)) for key in SAID]
        licenses.add(beside["license"])
    notes = [f"Licence of the model: {', '.join(sorted(str(one) for one in licenses if one)) or 'not stated'}."]
    notes += [f"Left out: {problem}" for problem in plan.problems]
    facts = {
        key: value for key, value in (plan.outputs[0].described if plan.outputs else {}).items() if key != "request"
    }
    report = Report("Generated sounds", table, SAID, clips=sounds, notes=notes, config=json.dumps(facts, indent=2))
    return write_report(report, path)


def _shown(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
