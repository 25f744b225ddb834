"""Addresses for listeners: who has one can answer its test and sees nothing else of the studio.

With the token of the studio, a script can ask for the sounds of a comparison by name and hold them beside those of a
trial. A browser that was opened with a listener's address cannot.
"""

from __future__ import annotations

import hmac


def listener_token(token: str, test: str) -> str:
    """The token for the listeners of a test.

    Args:
        token: of the studio.
        test: id of the test.
    """
    words = f"listener {test}".encode("utf-8", "surrogateescape")
    return f"{test}.{hmac.new(token.encode(), words, 'sha256').hexdigest()}"


def listener_address(token: str, test: str) -> str:
    """Path and query that let a browser listen to a test; arguments as above."""
    return f"/listen/{test}?token={listener_token(token, test)}"


def test_of(token: str, given: str) -> str | None:
    """The test of a listener's token; None where it is none.

    Args:
        token: of the studio.
        given: what somebody sent.
    """
    test = given.partition(".")[0]
    right = listener_token(token, test).encode("utf-8", "surrogateescape")
    return test if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right) else None


def listens(test: str, method: str, path: str) -> bool:
    """Whether a listener of a test may send such a request.

    Args:
        test: id of the test.
        method: of HTTP.
        path: of the address.
    """
    if path.startswith("/static/") or path == f"/listen/{test}":
        return method in ("GET", "HEAD")
    # Ids of sessions are secrets themselves.
    return path.startswith("/api/sessions/") or (method == "POST" and path == f"/api/tests/{test}/sessions")
