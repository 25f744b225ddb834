"""Who is let in, and what is refused: foreign pages, wrong tokens, files outside, bodies that are too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.studio import HOST, PORT, TOKEN, Client, settings, wav

from narrows.studio.app import ENDPOINTS, create_app
from narrows.studio.errors import NotThereError, RefusedError
from narrows.studio.places import audio_files, inside
from narrows.studio.services import Studio

COOKIE = f"narrows-studio-{PORT}"
EVERYWHERE = [*((one.method, one.path) for one in ENDPOINTS), ("GET", "/compare"), ("GET", "/static/studio.css")]


@pytest.fixture
def stranger(client: Client) -> TestClient:
    """A client without the token."""
    return TestClient(client.app, base_url=f"http://{HOST}", follow_redirects=False)


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "ü"])
def test_nothing_is_told_without_the_token(stranger: TestClient, method: str, path: str, token: str) -> None:
    for headers in ({"authorization": f"Bearer {token}".encode()}, {"cookie": f"{COOKIE}={token}".encode()}):
        answer = stranger.request(method, path, headers={**headers, "origin": f"http://{HOST}"})
        assert answer.status_code == 401
        assert TOKEN not in answer.text


def test_the_address_sets_a_cookie_and_leads_on_without_the_token(stranger: TestClient) -> None:
    answer = stranger.get(f"/listen?token={TOKEN}&a=b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/listen?a=b")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/listen").status_code == 200


def test_a_wrong_token_in_the_address_sets_nothing(stranger: TestClient) -> None:
    answer = stranger.get("/compare?token=wrong")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "", f"localhost.:{PORT}"]
)
def test_names_that_point_here_are_refused(client: Client, host: str) -> None:
    assert client.get("/api/status", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", f"https://{HOST}", f"http://localhost:{PORT}", "http://127.0.0.1:1"]
)
def test_foreign_origins_are_refused(client: Client, origin: str) -> None:
    for method, path in (("GET", "/api/status"), ("POST", "/api/sounds"), ("DELETE", "/api/jobs/x")):
        assert client.request(method, path, headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_that_a_browser_calls_foreign_are_refused(client: Client, site: str) -> None:
    assert client.get("/api/status", headers={"sec-fetch-site": site}).status_code == 403


def test_the_cookie_alone_does_not_write(stranger: TestClient) -> None:
    stranger.get(f"/compare?token={TOKEN}")
    assert stranger.post("/api/sounds", content=wav()).status_code == 403
    assert stranger.post("/api/sounds", content=wav(), headers={"origin": f"http://{HOST}"}).status_code == 201


@pytest.mark.parametrize("path", ["/compare", "/static/studio.css", "/api/status", "/api/nothing", "/nothing"])
def test_every_answer_forbids_what_comes_from_elsewhere(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_pages_and_scripts_name_no_other_host() -> None:
    static = Path(create_app.__code__.co_filename).with_name("static")
    for file in static.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, file
        assert "https://" not in text, file


OUTSIDE = [
    "../secret.wav",
    "a/../../secret.wav",
    "/etc/passwd",
    "..",
    "link.wav",
    "linked/secret.wav",
    "..\\secret.wav",
    "a\0b",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sound, beside a secret, and links that lead out."""
    made = tmp_path / "given"
    (made / "a").mkdir(parents=True)
    (made / "a" / "tone.wav").write_bytes(wav())
    (tmp_path / "secret.wav").write_bytes(wav())
    (made / "link.wav").symlink_to(tmp_path / "secret.wav")
    (made / "linked").symlink_to(tmp_path)
    (made / "inner.wav").symlink_to(made / "a" / "tone.wav")
    return made


@pytest.mark.parametrize("name", OUTSIDE)
def test_files_outside_of_a_folder_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        inside(folder, name)


def test_what_is_outside_cannot_be_told_from_what_is_not_there(folder: Path) -> None:
    with pytest.raises(RefusedError):
        inside(folder, "../is-not-there.wav")
    with pytest.raises(NotThereError):
        inside(folder, "is-not-there.wav")
    with pytest.raises(NotThereError):
        inside(folder, "a")


def test_files_inside_are_found_and_listed(folder: Path) -> None:
    assert inside(folder, "a/tone.wav") == (folder / "a" / "tone.wav").resolve()
    assert inside(folder, "inner.wav") == (folder / "a" / "tone.wav").resolve()
    assert audio_files(folder) == ["a/tone.wav", "inner.wav"]


def test_the_api_refuses_files_outside_its_folders(tmp_path: Path, folder: Path) -> None:
    with Client(Studio(settings(tmp_path / "data", {}, folders=(folder,)))) as client:
        for name in OUTSIDE:
            assert client.post("/api/sounds/file", json={"folder": 0, "path": name}).status_code in (403, 422)
        assert client.post("/api/sounds/file", json={"folder": 1, "path": "a/tone.wav"}).status_code == 404
        assert client.post("/api/sounds/file", json={"folder": 0, "path": "a/tone.wav"}).status_code == 201
        assert client.get("/api/files?folder=0").json() == ["a/tone.wav", "inner.wav"]


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..%2fapp.py"]
)
def test_static_files_do_not_lead_out(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/sounds/..%2f..%2fsecret/audio", "/api/runs/..%2f../report", "/api/jobs/%00", "/api/tests/../results"]
)
def test_ids_are_no_paths(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_body_that_is_too_long_is_refused_before_it_is_read(client: Client) -> None:
    limits = client.studio.settings.limits
    assert client.post("/api/comparisons", content=b" " * (limits.body_bytes + 1)).status_code == 413
    assert client.post("/api/sounds", content=b" " * (limits.upload_bytes + 1)).status_code == 413
    assert client.post("/api/sounds", content=b"x", headers={"content-length": "-1"}).status_code == 413


def test_a_body_that_does_not_say_its_length_is_cut_off(client: Client) -> None:
    piece = b"\0" * 100_000
    pieces = client.studio.settings.limits.upload_bytes // len(piece) + 2
    answer = client.post("/api/sounds", content=(piece for _ in range(pieces)))
    assert answer.status_code == 413
    assert not list(client.studio.settings.data.glob("incoming-*"))


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"sound": 1}', '{"sound": "a", "versions": [], "more": 1}', "\udcff", "[" * 5000]
)
def test_bodies_that_make_no_sense_are_told(client: Client, body: str) -> None:
    answer = client.post("/api/comparisons", content=body.encode("utf-8", "surrogateescape"))
    assert answer.status_code == 422
    assert answer.json()["error"]
