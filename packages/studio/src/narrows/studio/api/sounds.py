"""Endpoints of sounds, models, folders and jobs."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from starlette.responses import FileResponse, Response

from narrows.configs import StudioSoundFile
from narrows.studio.api.endpoint import Call, Endpoint
from narrows.studio.errors import NotThereError
from narrows.studio.places import audio_files, inside


def _status(call: Call) -> dict[str, Any]:
    settings, studio = call.studio.settings, call.studio
    return {
        "version": version("narrows-studio"),
        "devices": list(settings.devices),
        "folders": [str(folder) for folder in settings.folders],
        "runs": [str(folder) for folder in settings.runs],
        "jobs": sum(not job.over for job in studio.jobs.jobs()),
        "max_upload_bytes": settings.limits.upload_bytes,
        "max_seconds": settings.limits.seconds,
    }


def _models(call: Call) -> list[dict[str, Any]]:
    return call.studio.descriptions


def _files(call: Call) -> list[str]:
    return audio_files(_folder(call, call.number("folder")))


def _folder(call: Call, number: int) -> Any:
    folders = call.studio.settings.folders
    if number >= len(folders):
        raise NotThereError(f"The studio was given {len(folders)} folders")
    return folders[number]


def _upload(call: Call) -> dict[str, Any]:
    name = "".join(c for c in call.query.get("name", "") if c.isprintable()).rpartition("/")[2] or "sound"
    return asdict(call.studio.sounds.take(call.body, name, "upload"))


def _file(call: Call) -> dict[str, Any]:
    path = inside(_folder(call, call.body.folder), call.body.path)
    return asdict(call.studio.sounds.take(path, call.body.path, "file"))


def _sounds(call: Call) -> list[dict[str, Any]]:
    return [asdict(sound) for sound in call.studio.sounds.all()]


def _sound(call: Call) -> dict[str, Any]:
    return asdict(call.studio.sounds.get(call.path["sound"]))


def _audio(call: Call) -> Response:
    path = call.studio.sounds.path(call.path["sound"])
    # What an id stands for never changes.
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "private, max-age=86400, immutable"})


def _remove(call: Call) -> Response:
    call.studio.sounds.remove(call.path["sound"])
    return Response(status_code=204)


def _jobs(call: Call) -> list[dict[str, Any]]:
    return [job.as_dict() for job in call.studio.jobs.jobs()]


def _job(call: Call) -> dict[str, Any]:
    return call.studio.jobs.job(call.path["job"]).as_dict()


def _cancel(call: Call) -> dict[str, Any]:
    return call.studio.jobs.cancel(call.path["job"]).as_dict()


UPLOAD_PATH = "/api/sounds"
FOLDER = {"folder": "Position of the folder in the status, from 0."}
ENDPOINTS = [
    Endpoint("GET", "/api/status", "What the studio is and what it takes", _status, gives="StudioStatus"),
    Endpoint("GET", "/api/models", "The models that it was given", _models, gives="StudioModel", many=True),
    Endpoint(
        "GET", "/api/files", "Audio in a folder, as paths below it", _files, gives="string", many=True, query=FOLDER
    ),
    Endpoint("GET", "/api/sounds", "All sounds, newest first", _sounds, gives="StudioSound", many=True),
    Endpoint(
        "POST",
        UPLOAD_PATH,
        "Send an audio file, as the body",
        _upload,
        gives="StudioSound",
        status=201,
        query={"name": "Of the file; its ending tells the format where the content does not."},
        upload=True,
    ),
    Endpoint(
        "POST", "/api/sounds/file", "Take a file of a folder", _file, StudioSoundFile, gives="StudioSound", status=201
    ),
    Endpoint("GET", "/api/sounds/{sound}", "A sound", _sound, gives="StudioSound"),
    Endpoint("GET", "/api/sounds/{sound}/audio", "Its samples, 32-bit float", _audio, gives="audio/wav"),
    Endpoint("DELETE", "/api/sounds/{sound}", "Forget a sound", _remove, status=204),
    Endpoint("GET", "/api/jobs", "All jobs, newest first", _jobs, gives="StudioJob", many=True),
    Endpoint("GET", "/api/jobs/{job}", "A job", _job, gives="StudioJob"),
    Endpoint("DELETE", "/api/jobs/{job}", "Cancel a job", _cancel, gives="StudioJob"),
]
