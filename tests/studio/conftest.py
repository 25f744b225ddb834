"""Fixtures of the studio's tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support import chromium, tiny_diffusion
from support.browsing import Page
from support.studio import Client, save_models, served, settings, wav

from narrows.models import create_model_from_config, save_model
from narrows.studio.services import Studio


@pytest.fixture(scope="session", autouse=True)
def _few_threads() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Iterator[Client]:
    """A studio that the tests of a module share."""
    studio = Studio(settings(tmp_path_factory.mktemp("studio"), models))
    with Client(studio) as made:
        yield made


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Iterator[Page]:
    """A browser on a studio with two runs, which the tests of a module share."""
    folder = tmp_path_factory.mktemp("browser")
    runs = folder / "runs"
    for name in ("one", "two"):
        (runs / name).mkdir(parents=True)
        lines = [{"step": step, "split": "train", "loss": 1 / step, "codebook_use": 0.5} for step in range(10, 100, 10)]
        (runs / name / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    # Browsers decode no rate below 3000 Hz.
    noise = create_model_from_config(tiny_diffusion.document(size=2048, top={"sample_rate": 4000})).eval()
    ears = create_model_from_config(tiny_diffusion.listening(size=2048, top={"sample_rate": 4000})).eval()
    models = {**models, "noise": save_model(noise, folder / "noise"), "ears": save_model(ears, folder / "ears")}
    studio = Studio(settings(folder / "data", models, runs=(runs,)))
    assert studio.descriptions, "loaded before the browser asks"
    with served(studio) as address, chromium.browser(str(folder)) as driver:
        yield Page(driver, address, studio)


@pytest.fixture
def no_errors(page: Page) -> Iterator[None]:
    """The browser has nothing to complain of."""
    page.errors()
    yield
    assert page.errors() == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of a tone."""
    path = tmp_path_factory.mktemp("sounds") / "tone.wav"
    path.write_bytes(wav(10, rate=4000))
    return path
