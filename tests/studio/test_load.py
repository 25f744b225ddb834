"""Many people who click at random leave no stuck job, and a studio that answers."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from support.studio import TOKEN, served, settings, wav

from narrows.studio.services import Studio

CLIENTS = 20
GARBAGE = [
    "/api/jobs/nothing",
    "/api/sounds/../x",
    "/api/tests/0/results",
    "/api/files?folder=99",
    "/api/generations/x/preview",
]


class Clicker:
    """Somebody who does one thing after the other until the time is over."""

    def __init__(self, address: str, seed: int, end: float) -> None:
        headers = {"authorization": f"Bearer {TOKEN}"}
        self.client = httpx.Client(base_url=address, headers=headers, timeout=60)
        self.draw, self.end = random.Random(seed), end
        self.statuses: list[int] = []
        self.errors: list[str] = []

    def run(self) -> None:
        acts = [self.upload, self.compare, self.generate, self.cancel, self.look, self.listen, self.garbage]
        with self.client:
            while time.monotonic() < self.end:
                try:
                    self.draw.choice(acts)()
                except httpx.HTTPError as error:
                    self.errors.append(repr(error))

    def send(self, method: str, path: str, **options: Any) -> Any:
        answer = self.client.request(method, path, **options)
        self.statuses.append(answer.status_code)
        return answer.json() if answer.headers.get("content-type") == "application/json" else None

    def one(self, path: str) -> Any:
        found = self.send("GET", path)
        return self.draw.choice(found) if found else None

    def upload(self) -> None:
        content = self.draw.choice([wav(0.2), wav(0.2)[:50], b"", b"x" * 2_100_000])
        self.send("POST", "/api/sounds?name=a.wav", content=content)

    def compare(self) -> None:
        if sound := self.one("/api/sounds"):
            versions = [{"model": self.draw.choice(["plain", "coded", "nothing", "noise"])}]
            self.send("POST", "/api/comparisons", json={"sound": sound["id"], "versions": versions})

    def generate(self) -> None:
        request = {
            "conditions": {"genre": self.draw.choice(["rock", "folk"])},
            "steps": self.draw.choice([1, 3, 500]),
            "seconds": 0.1,
        }
        self.send("POST", "/api/generations", json={"model": "noise", "request": request})

    def cancel(self) -> None:
        if job := self.one("/api/jobs"):
            self.send("DELETE", f"/api/jobs/{job['id']}")

    def look(self) -> None:
        for path in ("/compare", "/static/player.js", "/api/status", "/api/models"):
            self.send("GET", path)
        if sound := self.one("/api/sounds"):
            self.send("GET", f"/api/sounds/{sound['id']}/audio")

    def listen(self) -> None:
        if comparison := self.one("/api/comparisons"):
            versions = [{"name": one["name"], "sound": one["sound"]["id"]} for one in comparison["versions"]]
            item = {"name": "clip", "reference": comparison["sound"]["id"], "versions": versions}
            if len(self.send("GET", "/api/tests")) < 5:
                self.send("POST", "/api/tests", json={"name": "t", "kind": "abx", "items": [item], "trials": 2})
        if test := self.one("/api/tests"):
            session = self.send("POST", f"/api/tests/{test['id']}/sessions", json={"name": str(self.draw.randrange(9))})
            path = f"/api/sessions/{session['id']}/trials/{session['answered']}"
            self.send("GET", f"{path}/sounds/X")
            self.send("POST", path, json={"choice": "A"})
            self.send("GET", f"/api/tests/{test['id']}/results")

    def garbage(self) -> None:
        self.send("GET", self.draw.choice(GARBAGE))
        self.send("POST", "/api/comparisons", content=self.draw.randbytes(50))


def clicked(data: Path, models: dict[str, Path], seconds: float) -> None:
    """Let them click for so long, and look at what is left."""
    studio = Studio(settings(data, models))
    assert studio.descriptions
    with served(studio) as address:
        end = time.monotonic() + seconds
        clickers = [Clicker(address, seed, end) for seed in range(CLIENTS)]
        threads = [threading.Thread(target=one.run) for one in clickers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + 120)
        assert not any(thread.is_alive() for thread in threads)
        statuses = [status for one in clickers for status in one.statuses]
        assert statuses.count(200) > CLIENTS, statuses
        assert not [status for status in statuses if status >= 500], "the studio failed"
        assert not [error for one in clickers for error in one.errors]
        with httpx.Client(base_url=address, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
            for job in client.get("/api/jobs").json():
                client.delete(f"/api/jobs/{job['id']}")
            end = time.monotonic() + 60
            while any(job["state"] in ("queued", "running") for job in client.get("/api/jobs").json()):
                assert time.monotonic() < end, "a job is stuck"
                time.sleep(0.1)
            sound = client.post("/api/sounds", content=wav(0.2)).json()
            job = client.post("/api/comparisons", json={"sound": sound["id"], "versions": [{"model": "plain"}]}).json()
            while job["state"] in ("queued", "running"):
                assert time.monotonic() < end, "the queue no longer works"
                time.sleep(0.1)
                job = client.get(f"/api/jobs/{job['id']}").json()
            assert job["state"] == "done"
            jobs = Counter(f"{job['kind']} {job['state']}" for job in client.get("/api/jobs").json())
        print(f"{CLIENTS} clients, {seconds:g} s, {len(statuses)} answers: {dict(Counter(statuses))}; {dict(jobs)}")
    assert not list(data.glob("incoming-*"))


@pytest.mark.slow
def test_twenty_who_click_leave_no_stuck_job(tmp_path: Path, models: dict[str, Path]) -> None:
    clicked(tmp_path, models, 30)


@pytest.mark.long
def test_twenty_who_click_for_five_minutes_leave_no_stuck_job(tmp_path: Path, models: dict[str, Path]) -> None:
    clicked(tmp_path, models, 300)
