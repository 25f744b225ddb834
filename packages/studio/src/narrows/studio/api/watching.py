"""Endpoints of training runs."""

from __future__ import annotations

from typing import Any

from starlette.responses import FileResponse, Response

from narrows.studio.api.endpoint import Call, Endpoint

SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""A report brings styles and a script of its own; it runs as a page from nowhere, which cannot speak to the studio."""


def _runs(call: Call) -> list[dict[str, Any]]:
    return call.studio.runs.all()


def _run(call: Call) -> dict[str, Any]:
    return call.studio.runs.get(call.path["run"])


def _metrics(call: Call) -> dict[str, Any]:
    return call.studio.runs.metrics(call.path["run"], call.number("after"))


def _demo(call: Call) -> Response:
    path = call.studio.runs.demo(call.path["run"], call.number("step"), call.path["file"])
    return FileResponse(
        path, media_type={".wav": "audio/wav", ".png": "image/png"}.get(path.suffix, "application/json")
    )


def _report(call: Call) -> Response:
    path = call.studio.runs.report(call.path["run"])
    return FileResponse(path, media_type="text/html", headers={"content-security-policy": SANDBOX})


ENDPOINTS = [
    Endpoint("GET", "/api/runs", "Training runs, the one that logged last first", _runs, gives="StudioRun", many=True),
    Endpoint("GET", "/api/runs/{run}", "A run", _run, gives="StudioRun"),
    Endpoint(
        "GET",
        "/api/runs/{run}/metrics",
        "Lines of its log behind an offset",
        _metrics,
        gives="StudioRunMetrics",
        query={"after": "Offset of the answer before; 0 for all."},
    ),
    Endpoint("GET", "/api/runs/{run}/demos/{step}/{file}", "A sound or picture of a demo", _demo, gives="audio/wav"),
    Endpoint("GET", "/api/runs/{run}/report", "Its report", _report, gives="text/html"),
]
