"""The application: pages, static files and the API behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from narrows.studio.api import listening, openapi, sounds, watching, work
from narrows.studio.api.endpoint import failure
from narrows.studio.security import Guard
from narrows.studio.services import Studio

PAGES = ("compare", "listen", "generate", "watch")
STATIC = Path(str(files("narrows.studio") / "static"))
ENDPOINTS = [*sounds.ENDPOINTS, *work.ENDPOINTS, *listening.ENDPOINTS, *watching.ENDPOINTS]
"""Of the API, in the order of its document."""


def create_app(studio: Studio, port: int) -> Starlette:
    """The application of a studio.

    Args:
        studio: what it serves.
        port: that it is bound to, which tells its own address from those of others.
    """
    limits = studio.settings.limits
    guard = Middleware(
        Guard,
        token=studio.settings.token,
        hosts=(f"127.0.0.1:{port}", f"localhost:{port}"),
        cookie=f"narrows-studio-{port}",
        body_bytes=limits.body_bytes,
        upload_bytes=limits.upload_bytes,
        upload_path=sounds.UPLOAD_PATH,
    )
    described = openapi.document(ENDPOINTS)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        studio.close()

    routes = [
        Route("/", lambda request: RedirectResponse(f"/{PAGES[0]}")),
        *(Route(f"/{name}", _page(name)) for name in PAGES),
        Route("/listen/{test}", _page("listener", "Listening test", alone=True)),
        Route("/api/openapi.json", lambda request: JSONResponse(described)),
        *(Route(one.path, one.__call__, methods=[one.method]) for one in ENDPOINTS),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    errors = {404: _not_found, 405: _not_found}
    app = Starlette(routes=routes, middleware=[guard], lifespan=lifespan, exception_handlers=errors)
    app.state.studio = studio
    return app


def _page(name: str, title: str = "", alone: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """A page by the name of its script; one that stands alone has no way to the others."""
    links = "\n".join(f'    <a href="/{page}">{page.capitalize()}</a>' for page in PAGES)
    parts = {
        "page": name,
        "title": title or name.capitalize(),
        "home": "#" if alone else f"/{PAGES[0]}",
        "navigation": "" if alone else f'  <nav aria-label="Pages">\n{links}\n  </nav>',
    }
    text = (STATIC / "page.html").read_text(encoding="utf-8")
    for part, value in parts.items():
        text = text.replace(f"{{{{{part}}}}}", value)

    async def page(request: Request) -> Response:
        return HTMLResponse(text)

    return page


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return failure("There is nothing at this address" if status == 404 else "This address takes other methods", status)
