"""A studio with tiny models, a client whose answers are checked against the OpenAPI document, and a server."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from starlette.testclient import TestClient
from support import tiny_diffusion, tiny_lm
from support.small_autoencoder import autoencoder

from narrows.models import create_model_from_config, save_model
from narrows.studio.app import ENDPOINTS, create_app
from narrows.studio.server import prepared
from narrows.studio.services import Studio
from narrows.studio.settings import Limits, Settings

PORT, TOKEN, RATE = 8765, "a-token-of-tests", 8000
HOST = f"127.0.0.1:{PORT}"
RVQ = {"type": "rvq", "config": {"dim": 6, "num_quantizers": 4, "codebook_size": 16}}


def save_models(folder: Path) -> dict[str, Path]:
    """Two codecs, a diffusion model and a language model, by name."""
    documents = {
        "plain": autoencoder(1),
        "coded": autoencoder(1, bottleneck=RVQ),
        "noise": tiny_diffusion.document(),
        "words": {**tiny_lm.config(), "sample_rate": 1000},
    }
    for seed, (name, document) in enumerate(documents.items()):
        state = torch.random.get_rng_state()
        torch.manual_seed(seed)
        save_model(create_model_from_config(document).eval(), folder / name)
        torch.random.set_rng_state(state)
    return {name: folder / name for name in documents}


def tone(seconds: float = 1.0, rate: int = RATE, channels: int = 1, seed: int = 0) -> np.ndarray:
    """A decaying tone with some noise, `(T, C)`."""
    time_ = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal((len(time_), channels))
    return (0.4 * np.sin(2 * np.pi * 440 * time_) * np.exp(-time_))[:, None] + 0.02 * noise


def wav(seconds: float = 1.0, rate: int = RATE, channels: int = 1, seed: int = 0) -> bytes:
    """The tone as a WAV file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(seconds, rate, channels, seed), rate, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def settings(data: Path, models: dict[str, Path], **options: Any) -> Settings:
    limits = Limits(upload_bytes=2_000_000, body_bytes=20_000, seconds=20.0, waiting=8)
    return replace(Settings(data, models, token=TOKEN, limits=limits), **options)


class Client(TestClient):
    """A script with the token; every JSON answer has to satisfy the schema that the document gives for it."""

    def __init__(self, studio: Studio, **options: Any) -> None:
        super().__init__(create_app(studio, PORT), base_url=f"http://{HOST}", **options)
        self.headers["authorization"] = f"Bearer {TOKEN}"
        self.studio = studio

    def request(self, method: str, url: Any, **options: Any) -> Any:
        answer = super().request(method, url, **options)
        check_answer(method, str(url), answer)
        return answer

    def upload(self, content: bytes | None = None, name: str = "tone.wav") -> dict[str, Any]:
        answer = self.post("/api/sounds", params={"name": name}, content=wav() if content is None else content)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def over(self, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """The job when it is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now: dict[str, Any] = self.get(f"/api/jobs/{job['id']}").json()
            if now["state"] in ("done", "failed", "cancelled"):
                return now
            time.sleep(0.02)
        raise AssertionError(f"the job is not over: {now}")

    def done(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a job made of a request."""
        answer = self.post(path, json=body)
        assert answer.status_code == 202, answer.text
        job = self.over(answer.json())
        assert job["state"] == "done", job
        return self.get(f"{path}/{job['result']}").json()

    def compared(self, versions: list[dict[str, Any]] | None = None, **options: Any) -> dict[str, Any]:
        sound = self.upload(wav(**options))
        wanted = versions or [{"model": "plain"}, {"model": "coded", "n_quantizers": 1}]
        return self.done("/api/comparisons", {"sound": sound["id"], "versions": wanted})


def check_answer(method: str, url: str, answer: Any) -> None:
    """An answer of the API is what the document says: its status, and its JSON."""
    from jsonschema import Draft202012Validator

    from narrows.studio.api.openapi import components

    path = url.partition("?")[0].removeprefix(f"http://{HOST}")
    endpoint = next((one for one in ENDPOINTS if one.method == method and _fits(one.path, path)), None)
    if "application/json" not in answer.headers.get("content-type", "") or endpoint is None:
        return
    failed = answer.status_code >= 400
    title = "StudioFailure" if failed else endpoint.gives
    if not failed:
        assert answer.status_code == endpoint.status, (method, path, answer.status_code)
    if title == "string" or "/" in title:
        return
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{title}"}
    if endpoint.many and not failed:
        schema = {"type": "array", "items": schema}
    Draft202012Validator({**schema, "components": {"schemas": components()}}).validate(answer.json())


def _fits(pattern: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path) is not None


@contextmanager
def served(studio: Studio) -> Iterator[str]:
    """The address of a studio on a real port, without path."""
    server, place = prepared(studio)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        place.close()
