"""A client of the studio's API: let its models encode and decode a file, and keep what they made.

Start `narrows studio MODEL ...`, then run this with the address that it prints:

    python examples/studio_client.py "http://127.0.0.1:8123/compare?token=..." drum.wav -o versions/

It needs nothing but the standard library. The studio describes its API at /api/openapi.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import Request, urlopen


class Studio:
    """Asks a studio.

    Args:
        address: that it printed, with the token.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.token = parse_qs(parts.query)["token"][0]

    def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The content of an answer; the studio's own words where it refuses."""
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            with urlopen(Request(self.base + path, body, headers, method=method)) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            raise SystemExit(json.loads(error.read())["error"]) from error

    def get(self, path: str) -> Any:
        """What is at an address."""
        return json.loads(self.send("GET", path))

    def job(self, path: str, body: Any) -> Any:
        """Start a job, wait for it, and give what it made."""
        job = json.loads(self.send("POST", path, json.dumps(body).encode()))
        while job["state"] in ("queued", "running"):
            time.sleep(0.5)
            job = self.get(f"/api/jobs/{job['id']}")
            print(f"{job['progress']:4.0%} {job['message']}")
        if job["state"] != "done":
            raise SystemExit(job["message"])
        return self.get(f"{path}/{job['result']}")


def main() -> None:
    """Compare every codec of a studio on a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="that the studio printed")
    parser.add_argument("audio", type=Path, help="a file")
    parser.add_argument("-o", "--output", type=Path, default=Path("versions"), help="folder for what comes out")
    arguments = parser.parse_args()
    studio = Studio(arguments.address)
    codecs = [model["name"] for model in studio.get("/api/models") if model["kind"] == "codec"]
    name = quote(arguments.audio.name)
    sound = json.loads(studio.send("POST", f"/api/sounds?name={name}", arguments.audio.read_bytes()))
    versions = [{"model": model} for model in codecs]
    comparison = studio.job("/api/comparisons", {"sound": sound["id"], "versions": versions})
    arguments.output.mkdir(parents=True, exist_ok=True)
    for number, version in enumerate(comparison["versions"], 1):
        path = arguments.output / f"{number:02d}.wav"
        path.write_bytes(studio.send("GET", f"/api/sounds/{version['sound']['id']}/audio"))
        metrics = version["metrics"]
        print(f"{path}  {version['name']}: {metrics['kbit_per_second']:.2f} kbit/s, mel {metrics['mel_distance']:.3f}")


if __name__ == "__main__":
    main()
