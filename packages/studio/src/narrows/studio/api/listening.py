"""Endpoints of listening tests."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from narrows.configs import StudioAnswer, StudioListener, StudioListeningTestRequest
from narrows.studio.api.endpoint import Call, Endpoint
from narrows.studio.errors import StudioError
from narrows.studio.listen.addresses import listener_address
from narrows.studio.listen.listening_tests import TestItem, finished
from narrows.studio.listen.results import results, table


def _make(call: Call) -> dict[str, Any]:
    asked, read = call.body, call.studio.sounds.read
    items = []
    for item in asked.items:
        versions = {version.name: read(version.sound) for version in item.versions}
        if len(versions) < len(item.versions):
            raise StudioError(f"{item.name}: two versions have one name")
        items.append(TestItem(item.name, read(item.reference), versions))
    options = {"trials": asked.trials, "seed": asked.seed, "level_match": asked.level_match}
    return _shown(call, call.studio.tests.make(asked.name, asked.kind, items, **options))


def _shown(call: Call, test: dict[str, Any]) -> dict[str, Any]:
    return {**test, "listener_address": listener_address(call.studio.settings.token, test["id"])}


def _tests(call: Call) -> list[dict[str, Any]]:
    return [_shown(call, test) for test in call.studio.tests.all()]


def _test(call: Call) -> dict[str, Any]:
    return _shown(call, call.studio.tests.test(call.path["test"]))


def _begin(call: Call) -> dict[str, Any]:
    return call.studio.tests.begin(call.path["test"], call.body.name.strip())


def _session(call: Call) -> dict[str, Any]:
    return call.studio.tests.session(call.path["session"])


def _trial(call: Call) -> dict[str, Any]:
    return call.studio.tests.trial(call.path["session"], call.number("trial"))


def _sound(call: Call) -> Response:
    content = call.studio.tests.sound(call.path["session"], call.number("trial"), call.path["label"])
    return Response(content, media_type="audio/wav")


def _answer(call: Call) -> dict[str, Any]:
    return call.studio.tests.answer(call.path["session"], call.number("trial"), call.body)


def _results(call: Call) -> dict[str, Any]:
    test = call.path["test"]
    over = finished(call.studio.tests.sessions(test))
    return {"test": _shown(call, call.studio.tests.test(test)), **results(call.studio.tests.document(test), over)}


def _csv(call: Call) -> Response:
    test = call.path["test"]
    text = table(call.studio.tests.document(test), finished(call.studio.tests.sessions(test)))
    headers = {"content-disposition": f'attachment; filename="{test}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


TRIAL = "/api/sessions/{session}/trials/{trial}"
ENDPOINTS = [
    Endpoint("GET", "/api/tests", "All listening tests", _tests, gives="StudioListeningTest", many=True),
    Endpoint(
        "POST",
        "/api/tests",
        "Make a listening test",
        _make,
        StudioListeningTestRequest,
        gives="StudioListeningTest",
        status=201,
    ),
    Endpoint("GET", "/api/tests/{test}", "A listening test", _test, gives="StudioListeningTest"),
    Endpoint("GET", "/api/tests/{test}/results", "What finished sessions say", _results, gives="StudioResults"),
    Endpoint("GET", "/api/tests/{test}/results.csv", "Every answer of finished sessions", _csv, gives="text/csv"),
    Endpoint(
        "POST",
        "/api/tests/{test}/sessions",
        "Begin a session, or go on with the one that is not over",
        _begin,
        StudioListener,
        gives="StudioSession",
        status=201,
    ),
    Endpoint("GET", "/api/sessions/{session}", "A session", _session, gives="StudioSession"),
    Endpoint("GET", TRIAL, "A trial", _trial, gives="StudioTrial"),
    Endpoint("GET", f"{TRIAL}/sounds/{{label}}", "A sound of a trial, 24 bits", _sound, gives="audio/wav"),
    Endpoint("POST", TRIAL, "Answer a trial", _answer, StudioAnswer, gives="StudioSession"),
]
