"""Runs are read while they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.studio import Client, settings, wav

from narrows.studio.services import Studio


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    run = tmp_path / "runs" / "deep" / "mine"
    demo = run / "demos" / "step=00000100"
    demo.mkdir(parents=True)
    (demo / "00_original.wav").write_bytes(wav())
    (demo / "00_original.png").write_bytes(b"png")
    (demo / "secret.txt").write_text("secret")
    (run / "experiment.json").write_text('{"steps": 300}')
    (run / "report.html").write_text("<script>alert(1)</script>")
    (tmp_path / "outside.wav").write_bytes(wav())
    (demo / "link.wav").symlink_to(tmp_path / "outside.wav")
    log(run, 10, 20)
    return tmp_path / "runs"


def log(run: Path, *steps: int, mode: str = "a") -> None:
    with (run / "metrics.jsonl").open(mode) as file:
        file.writelines(
            json.dumps({"step": step, "split": "train", "loss": 1 / step, "none": None}) + "\n" for step in steps
        )


@pytest.fixture
def client(tmp_path: Path, runs: Path) -> Iterator[Client]:
    with Client(Studio(settings(tmp_path / "data", {}, runs=(runs,)))) as made:
        yield made


def test_a_run_is_found_with_all_that_it_has(client: Client) -> None:
    (run,) = client.get("/api/runs").json()
    assert (run["name"], run["step"], run["steps"], run["report"]) == ("deep/mine", 20, 300, True)
    assert run["demos"] == [{"step": 100, "files": ["00_original.png", "00_original.wav", "link.wav"]}]
    assert client.get(f"/api/runs/{run['id']}").json() == run
    assert client.get("/api/runs/nothing").status_code == 404


def test_a_log_is_read_on_from_where_it_was(client: Client, runs: Path) -> None:
    run = client.get("/api/runs").json()[0]["id"]
    path = f"/api/runs/{run}/metrics"
    first = client.get(path).json()
    assert [record["step"] for record in first["records"]] == [10, 20]
    assert client.get(path, params={"after": first["offset"]}).json() == {
        "records": [],
        "offset": first["offset"],
        "restarted": False,
    }
    file = runs / "deep" / "mine" / "metrics.jsonl"
    with file.open("a") as open_:
        open_.write('{"step": 30, "split": "val", "lo')
    assert client.get(path, params={"after": first["offset"]}).json()["records"] == []
    with file.open("a") as open_:
        open_.write('ss": 3}\nno json\n')
    second = client.get(path, params={"after": first["offset"]}).json()
    assert second["records"] == [{"step": 30, "split": "val", "loss": 3}]
    log(runs / "deep" / "mine", 10, mode="w")
    third = client.get(path, params={"after": second["offset"]}).json()
    assert (third["restarted"], [record["step"] for record in third["records"]]) == (True, [10])
    assert client.get(path, params={"after": "x"}).status_code == 422


def test_demos_and_reports_are_shown_and_nothing_else(client: Client) -> None:
    run = client.get("/api/runs").json()[0]["id"]
    base = f"/api/runs/{run}/demos/100"
    assert client.get(f"{base}/00_original.wav").content == wav()
    assert client.get(f"{base}/00_original.png").headers["content-type"] == "image/png"
    assert client.get(f"{base}/secret.txt").status_code == 404
    assert client.get(f"{base}/link.wav").status_code == 403
    assert client.get(f"{base}/..%2f..%2fexperiment.json").status_code in (403, 404)
    assert client.get(f"/api/runs/{run}/demos/7/00_original.wav").status_code == 404
    policy = client.get(f"/api/runs/{run}/report").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "same-origin" not in policy


def test_a_studio_without_runs_has_none(tmp_path: Path) -> None:
    with Client(Studio(settings(tmp_path, {}))) as client:
        assert client.get("/api/runs").json() == []
        assert client.get("/api/models").json() == []
