"""Endpoints of comparisons and generations."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response, StreamingResponse

from narrows.configs import StudioComparisonRequest, StudioGenerationRequest
from narrows.studio.api.endpoint import Call, Endpoint
from narrows.studio.compare.download import archive, pieces, plain


def _compare(call: Call) -> dict[str, Any]:
    return call.studio.jobs.submit(call.studio.comparisons.job(call.body)).as_dict()


def _comparisons(call: Call) -> list[dict[str, Any]]:
    return call.studio.comparisons.all()


def _comparison(call: Call) -> dict[str, Any]:
    return call.studio.comparisons.get(call.path["comparison"])


def _zip(call: Call) -> Response:
    comparison = call.studio.comparisons.get(call.path["comparison"])
    file = archive(comparison, call.studio.sounds)
    name = f"{plain(comparison['sound']['name'])}.zip"
    return StreamingResponse(
        pieces(file), media_type="application/zip", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _generate(call: Call) -> dict[str, Any]:
    return call.studio.jobs.submit(call.studio.generations.job(call.body)).as_dict()


def _generations(call: Call) -> list[dict[str, Any]]:
    return call.studio.generations.all()


def _generation(call: Call) -> dict[str, Any]:
    return call.studio.generations.get(call.path["generation"])


def _preview(call: Call) -> Response:
    # A preview goes when the sound is there, which a page may learn a moment later: that is no error.
    sound = call.studio.generations.preview(call.path["generation"])
    return Response(status_code=204) if sound is None else Response(sound, media_type="audio/wav")


ENDPOINTS = [
    Endpoint("GET", "/api/comparisons", "All comparisons", _comparisons, gives="StudioComparison", many=True),
    Endpoint(
        "POST",
        "/api/comparisons",
        "Let models encode and decode a sound",
        _compare,
        StudioComparisonRequest,
        gives="StudioJob",
        status=202,
    ),
    Endpoint("GET", "/api/comparisons/{comparison}", "A comparison", _comparison, gives="StudioComparison"),
    Endpoint("GET", "/api/comparisons/{comparison}/zip", "All versions in one file", _zip, gives="application/zip"),
    Endpoint("GET", "/api/generations", "All generations", _generations, gives="StudioGeneration", many=True),
    Endpoint(
        "POST",
        "/api/generations",
        "Let a model make sounds of a request",
        _generate,
        StudioGenerationRequest,
        gives="StudioJob",
        status=202,
    ),
    Endpoint("GET", "/api/generations/{generation}", "A generation", _generation, gives="StudioGeneration"),
    Endpoint(
        "GET",
        "/api/generations/{generation}/preview",
        "The newest preview; 204 where there is none",
        _preview,
        gives="audio/wav",
    ),
]
