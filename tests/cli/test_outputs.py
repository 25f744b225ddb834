"""What commands make is put into a storage as it is put into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from narrows.cli.files import Job, jobs, run_jobs
from narrows.cli.main import UserError
from narrows.cli.outputs import output_at
from narrows.configs.files import OutputError
from narrows.configs.storage import Storage

fsspec = pytest.importorskip("fsspec")
OUT = "memory://bucket/out"


@pytest.fixture
def storage() -> Iterator[Storage]:
    client = fsspec.filesystem("memory")
    client.store.clear()
    client.pseudo_dirs[:] = [""]
    yield Storage()
    client.store.clear()


def turned(job: Job) -> str:
    job.target.parent.mkdir(parents=True, exist_ok=True)
    job.target.write_bytes(job.source.read_bytes()[::-1])
    return "turned"


def test_files_are_put_one_by_one_and_made_once(
    storage: Storage, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / "cache"))
    for name in ("a.wav", "b/c.wav"):
        storage.put_new(name.encode(), f"memory://bucket/in/{name}")
    # As argparse gives it: a path has no empty parts.
    for said in ("turned", "is there already"):
        with output_at(Path(OUT)) as output:
            work = jobs([Path("memory://bucket/in")], output.folder, {"wav"}, ".x")
            assert run_jobs(work, turned, output, overwrite=False) == 0
            assert not [path for path in output.folder.rglob("*") if path.is_file()]
        printed = capsys.readouterr().out.splitlines()
        assert len(printed) == 2
        assert all(said in line and f"{OUT}/" in line for line in printed)
    assert storage.read(f"{OUT}/a.x") == b"vaw.a"
    assert storage.read(f"{OUT}/b/c.x") == b"vaw.c/b"
    assert not Path(OUT).exists()


def test_errors_name_the_address(storage: Storage) -> None:
    with (
        pytest.raises(UserError, match=rf"^{OUT}/1\.wav: these files were not made here$"),
        output_at(Path(OUT)) as output,
    ):
        raise OutputError(f"{output.folder / '1.wav'}: these files were not made here")
