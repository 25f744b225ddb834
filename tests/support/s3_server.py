"""An S3 server on loopback, and a proxy in front of it whose connections break."""

from __future__ import annotations

import random
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from moto.server import ThreadedMotoServer

TIMEOUT = 10


@contextmanager
def s3_server() -> Iterator[tuple[str, int]]:
    """Host and port of a server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()
    finally:
        server.stop()


class FaultyProxy:
    """Passes connections on, and cuts some of them after a random number of bytes of the answer.

    Args:
        target: host and port of the server.
        share: share of the connections that are cut.
        longest: bytes of an answer after which a connection is cut at the latest.
    """

    def __init__(self, target: tuple[str, int], share: float, longest: int, seed: int = 0) -> None:
        self._target, self._share, self._longest = target, share, longest
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.cuts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> FaultyProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *details: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(TIMEOUT)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            limit = self._random.randrange(self._longest) if self._random.random() < self._share else None
            thread = threading.Thread(target=self._relay, args=(client, limit), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _relay(self, client: socket.socket, limit: int | None) -> None:
        """Bytes both ways until one side ends, or the limit is reached."""
        passed = 0
        with client, socket.create_connection(self._target, TIMEOUT) as server, suppress(OSError):
            while True:
                for ready in select.select([client, server], [], [], TIMEOUT)[0] or [None]:
                    data = ready.recv(4096) if ready is not None else b""
                    if not data:
                        return
                    if ready is client:
                        server.sendall(data)
                        continue
                    if limit is not None and passed + len(data) > limit:
                        client.sendall(data[: limit - passed])
                        self.cuts += 1
                        return
                    passed += len(data)
                    client.sendall(data)
