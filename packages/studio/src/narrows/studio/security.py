"""Who may speak to the studio: pages of its own, and scripts that have the token.

A web page elsewhere can make a browser send requests to 127.0.0.1. It can set neither the token nor the cookie (which
is `SameSite=Strict`), and a name of its own that it points to 127.0.0.1 (DNS rebinding) is no `Host` of the studio.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from narrows.studio.listen.addresses import listens, test_of

SAFE = ("GET", "HEAD")
OWN = ("same-origin", "none")
"""Values of `Sec-Fetch-Site` of requests by pages of the studio, and by a person who types the address."""
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what comes from elsewhere, and bodies that are too long.

    Args:
        app: what is guarded.
        token: in the query `token` of the first address, in the cookie after it, or as `Authorization: Bearer`; in
            its place a listener's, for what a listener does.
        hosts: accepted values of the header `Host`.
        cookie: name of the cookie; browsers share cookies between the ports of a machine.
        body_bytes: longest body.
        upload_bytes: longest body of an upload.
        upload_path: where uploads go.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: Collection[str],
        cookie: str,
        body_bytes: int,
        upload_bytes: int,
        upload_path: str,
    ) -> None:
        self.app, self.token, self.hosts, self.cookie = app, token.encode(), frozenset(hosts), cookie
        self.body_bytes, self.upload_bytes, self.upload_path = body_bytes, upload_bytes, upload_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # there are no web sockets
        request = Request(scope, receive)
        answer = self._foreign(request) or self._entrance(request) or self._stranger(request)
        longest = self.upload_bytes if request.url.path == self.upload_path else self.body_bytes
        answer = answer or _too_long(request, longest)
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
            return
        await self.app(scope, _limited(receive, longest), _with_headers(send))

    def _foreign(self, request: Request) -> Response | None:
        """An answer to requests by other pages."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return _refused("This address is not the studio's: open the one that it printed", 421)
        origin = request.headers.get("origin")
        if origin is not None and origin.lower() != f"http://{hosts[0].lower()}":
            return _refused("Another page may not speak to the studio", 403)
        if request.headers.get("sec-fetch-site", "none") not in OWN:
            return _refused("Another page may not speak to the studio: open its address yourself", 403)
        if origin is None and request.method not in SAFE and "authorization" not in request.headers:
            return _refused("Send the token as `Authorization: Bearer TOKEN`", 403)
        return None

    def _entrance(self, request: Request) -> Response | None:
        """The way in: an address with the token sets the cookie and leads on to one without."""
        given = request.query_params.get("token")
        if given is None or request.method != "GET" or not self._lets_in(given, request):
            return None
        rest = urlencode([pair for pair in parse_qsl(request.url.query) if pair[0] != "token"])
        answer = RedirectResponse(f"{request.url.path}{'?' if rest else ''}{rest}", 303)
        answer.set_cookie(self.cookie, given, httponly=True, samesite="strict", path="/")
        return answer

    def _stranger(self, request: Request) -> Response | None:
        """An answer to those without a token, and to listeners who ask for more than their test."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(self.cookie, "")
        if self._lets_in(given, request):
            return None
        if test_of(self.token.decode(), given) is not None:
            return _refused("This is a listener's address: it opens its test and nothing else", 403)
        return _refused("The token is missing or wrong: open the address that the studio printed", 401)

    def _lets_in(self, given: str, request: Request) -> bool:
        test = test_of(self.token.decode(), given)
        return self._same(given) or (test is not None and listens(test, request.method, request.url.path))

    def _same(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.token)


def _refused(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status)


def _too_long(request: Request, longest: int) -> Response | None:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) <= longest:
        return None
    return _refused(f"The body is too long: at most {longest} bytes are taken", 413)


class BodyTooLongError(Exception):
    """A body without a stated length went on beyond the limit."""


def _limited(receive: Receive, longest: int) -> Receive:
    """Counts what comes, for bodies that do not say how long they are."""
    count = 0

    async def counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > longest:
            raise BodyTooLongError(f"The body is too long: at most {longest} bytes are taken")
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
