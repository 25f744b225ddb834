"""A stand-in of a model hub on this machine: what huggingface_hub asks of one, for repositories in memory."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

Repositories = dict[str, dict[str, dict[str, bytes]]]
"""Contents by repository (`owner/name`, and `datasets/owner/name`), revision and file."""


class Hub(ThreadingHTTPServer):
    """The server."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: Repositories = {}
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def hub() -> Iterator[Hub]:
    """A running hub."""
    with Hub() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def commit_of(repository: str, revision: str) -> str:
    return sha1(f"{repository}@{revision}".encode()).hexdigest()


def listing(files: dict[str, bytes], folder: str, recursive: bool) -> list[dict[str, Any]]:
    """Files below a folder, and the folders in it."""
    start = f"{folder}/" if folder else ""
    below = {name: content for name, content in files.items() if name.startswith(start)}
    entries = [
        {"type": "file", "path": name, "size": len(content), "oid": sha1(content).hexdigest()}
        for name, content in below.items()
        if recursive or "/" not in name.removeprefix(start)
    ]
    folders = {start + name.removeprefix(start).partition("/")[0] for name in below if "/" in name.removeprefix(start)}
    return entries + [{"type": "directory", "path": name, "oid": commit_of(name, "")} for name in sorted(folders)]


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._read(body=False)

    def do_GET(self) -> None:
        self._read(body=True)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self._path()
        if path == ["api", "repos", "create"]:
            given = json.loads(content)
            name = f"{given['organization']}/{given['name']}" if given.get("organization") else given["name"]
            self.server.repositories.setdefault(name, {"main": {}})
            self._json({"url": f"{self.server.url}/{name}", "id": name})
        elif path == ["api", "validate-yaml"]:
            self._json({"errors": [], "warnings": []})
        elif path[4:5] == ["preupload"]:
            files = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(content)["files"]
            ]
            self._json({"files": files})
        elif path[4:5] == ["commit"]:
            repository, revision = "/".join(path[2:4]), path[5]
            files = self.server.repositories[repository].setdefault(revision, {})
            for line in map(json.loads, content.decode().splitlines()):
                if line["key"] == "file":
                    files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            commit = commit_of(repository, revision)
            self._json(
                {"success": True, "commitOid": commit, "commitUrl": f"{self.server.url}/{repository}/commit/{commit}"}
            )
        else:
            self._json({"error": "not known here"}, 404)

    def _path(self) -> list[str]:
        self.server.requests.append(f"{self.command} {self.path}")
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]

    def _read(self, body: bool) -> None:
        path, kind = self._path(), ""
        if path[0] == "datasets" or path[:2] == ["api", "datasets"]:
            path, kind = ["api", "models", *path[2:]] if path[0] == "api" else path[1:], "datasets/"
        if path[:2] == ["api", "models"]:
            named_there = path[4:5] in (["revision"], ["tree"])
            repository, revision = kind + "/".join(path[2:4]), path[5] if named_there else "main"
        elif path[2:3] == ["resolve"]:
            repository, revision = kind + "/".join(path[:2]), path[3]
        else:
            return self._json({"error": "not known here"}, 404)
        revisions = self.server.repositories.get(repository)
        if revisions is None:
            return self._json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
        named = {commit_of(repository, name): name for name in revisions}
        files = revisions.get(named.get(revision, revision))
        if files is None:
            return self._json({"error": "Invalid rev id"}, 404, {"X-Error-Code": "RevisionNotFound"})
        commit = revision if revision in named else commit_of(repository, revision)
        if path[4:5] == ["tree"]:
            return self._json(listing(files, "/".join(path[6:]), "recursive=true" in self.path.lower()))
        if path[0] == "api":
            names = [{"rfilename": name} for name in files]
            return self._json({"id": repository, "sha": commit, "siblings": names, "private": False, "tags": []})
        content = files.get("/".join(path[4:]))
        if content is None:
            return self._json({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
        headers = {"X-Repo-Commit": commit, "ETag": f'"{sha1(content).hexdigest()}"'}
        if (part := self.headers.get("Range")) is not None and body:
            first, _, last = part.removeprefix("bytes=").partition("-")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return self._answer(content[int(first) : int(last) + 1], 206, headers, body)
        return self._answer(content, 200, headers, body)

    def _json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        more = {"Content-Type": "application/json", **(headers or {})}
        self._answer(json.dumps(content).encode(), status, more, self.command != "HEAD")

    def _answer(self, content: bytes, status: int, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)
