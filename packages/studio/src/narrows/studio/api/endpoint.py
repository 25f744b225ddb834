"""An endpoint: what it takes and gives, for the server and for the OpenAPI document alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from narrows.configs import NarrowsError, load_part
from narrows.configs._documents import parse_json
from narrows.studio.errors import StudioError
from narrows.studio.security import BodyTooLongError
from narrows.studio.services import Studio

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A request to an endpoint."""

    studio: Studio
    path: Mapping[str, str]
    """Parts of the address by name."""
    query: Mapping[str, str]
    body: Any = None
    """Typed, where the endpoint takes one."""

    def number(self, name: str, default: int = 0) -> int:
        """A whole number of the address.

        Raises:
            StudioError: it is none.
        """
        text = self.path.get(name, self.query.get(name, str(default)))
        if not (text.isascii() and text.isdecimal() and len(text) < 16):
            raise StudioError(f"{name} must be a whole number")
        return int(text)


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    method: str
    path: str
    summary: str
    handle: Callable[[Call], Any]
    """Gives what is sent as JSON, or a response."""
    takes: type[BaseModel] | None = None
    """Class of the body."""
    gives: str = ""
    """Title of the schema of the answer, or its media type."""
    many: bool = False
    """Whether the answer is a list of those."""
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the query and what they mean."""
    upload: bool = False
    """Whether the body is a file: its place is given to `handle` as the body."""

    async def __call__(self, request: Request) -> Response:
        """Answer a request; everything that a caller can mend is told in words."""
        try:
            return await self._answer(request)
        except BodyTooLongError as error:
            return failure(str(error), 413)
        except StudioError as error:
            return failure(str(error), error.status)
        except NarrowsError as error:
            return failure(str(error), 422)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            log.exception("%s %s failed", self.method, request.url.path)
            return failure(f"The studio failed: {type(error).__name__}. Its terminal says more", 500)

    async def _answer(self, request: Request) -> Response:
        body: Any = None
        studio: Studio = request.app.state.studio
        if self.takes is not None:
            text = (await request.body()).decode("utf-8", "replace")
            body = await run_in_threadpool(lambda: load_part(parse_json(text).data, _class(self.takes)))
        call = Call(studio, request.path_params, request.query_params, body)
        if self.upload:
            from narrows.studio.api.uploads import received

            async with received(request, studio) as path:
                given = await run_in_threadpool(self.handle, Call(studio, call.path, call.query, path))
        else:
            given = await run_in_threadpool(self.handle, call)
        return given if isinstance(given, Response) else JSONResponse(given, self.status)


def _class(takes: type[BaseModel] | None) -> type[BaseModel]:
    assert takes is not None
    return takes


def failure(text: str, status: int) -> Response:
    """An answer as `StudioFailure`."""
    return JSONResponse({"error": text}, status)
