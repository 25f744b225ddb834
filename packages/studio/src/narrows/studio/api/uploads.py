"""Receiving a file: piece by piece to a temporary one, which is gone when it has been read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.studio.services import Studio


@asynccontextmanager
async def received(request: Request, studio: Studio) -> AsyncIterator[Path]:
    """The file of a body; only the ending of its name is kept, for formats that are told by it."""
    ending = request.query_params.get("name", "").rpartition(".")[2].lower()
    with TemporaryDirectory(prefix="incoming-", dir=studio.settings.data) as folder:
        path = Path(folder) / (f"file.{ending}" if ending in AUDIO_ENDINGS else "file")
        with path.open("wb") as file:
            async for piece in request.stream():
                file.write(piece)
        yield path
