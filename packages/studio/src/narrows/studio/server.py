"""Serving a studio on this machine."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from narrows.studio.app import create_app
from narrows.studio.errors import StudioError
from narrows.studio.services import Studio

HOST = "127.0.0.1"
CONNECTIONS = 200


def bound(port: int) -> socket.socket:
    """A socket that listens to this machine only.

    Args:
        port: 0 for any that is free.

    Raises:
        StudioError: the port is taken.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(CONNECTIONS)  # who comes before the server runs waits
    except OSError as error:
        made.close()
        raise StudioError(f"The port {port} cannot be used ({error.strerror}): give another --port, or 0") from error
    return made


def address(studio: Studio, port: int, page: str) -> str:
    """The address that lets a browser in."""
    return f"http://{HOST}:{port}/{page}?token={studio.settings.token}"


def serve(studio: Studio, port: int, page: str, started: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Args:
        studio: what is served.
        port: to bind to; 0 for any that is free.
        page: that the address opens.
        started: called with the address when it can be opened.
    """
    server, place = prepared(studio, port)
    started(address(studio, place.getsockname()[1], page))
    server.run(sockets=[place])


def prepared(studio: Studio, port: int = 0) -> tuple[uvicorn.Server, socket.socket]:
    """A server that is not running yet, and the socket that is bound for it."""
    place = bound(port)
    app = create_app(studio, place.getsockname()[1])
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=5,
        server_header=False,
        ws="none",
    )
    return uvicorn.Server(config), place
