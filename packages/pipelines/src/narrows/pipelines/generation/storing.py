"""Sounds in a folder of a storage: put whole, and never fetched to see what is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import final

from narrows.configs.storage import Storage, Stored
from narrows.pipelines.generation.outputs import check_outputs, told_beside
from narrows.pipelines.generation.run import Plan, Planned

MARK = ".making-"
"""Begins the names of marks."""
THREADS = 8
"""Objects that are fetched at once."""


@final
class SoundStore:
    """Knows which sounds of a plan a storage has: its listing has the sounds, and their JSONs alone are read.

    A sound is put before its JSON, which says that both are whole. A mark that is put before all sounds names those
    that a run may leave without one when it dies, so that they are not taken for somebody else's.

    Args:
        address: of the folder.
        folder: of the plan's outputs, here.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self._address, self._folder, self._storage = address.rstrip("/"), folder, Storage()
        self._listed: dict[str, Stored] = {}
        self._versions: dict[str, str] = {}

    def look(self, plan: Plan) -> Plan:
        """List what is there now, and tell of each output whether it is."""
        begins = f"{self._address}/"
        found = self._storage.below(self._address)
        self._listed = {place.address.removeprefix(begins): place for place in found}
        self._fetch(beside for _, beside in (output.files for output in plan.outputs))
        return Plan([replace(one, kept=self._has(one)) for one in plan.outputs], plan.batches, plan.problems)

    def begin(self, plan: Plan) -> None:
        """Refuse to replace what no generation has made, and mark what this run will make.

        Raises:
            OutputError: such files are there.
        """
        marks = [place for name, place in self._listed.items() if name.startswith(MARK)]
        ours = {name for mark in marks for name in json.loads(self._storage.read(mark.address))}
        missing = [output.path for output in plan.outputs if not output.done]
        check_outputs(missing, lambda path: path.name in self._listed and path.name not in ours)
        if missing:
            self._storage.put_new(*self._mark(plan))

    def put(self, output: Planned) -> None:
        """Put a sound and its JSON, which alone stays here."""
        put_sound(self._storage, output.files, self._address)
        self._versions.pop(output.files[1].name, None)
        output.path.unlink()

    def end(self, plan: Plan) -> Plan:
        """Look again, and remove the mark where all is done."""
        plan = self.look(plan)
        mark = self._mark(plan)[1]
        if all(output.done for output in plan.outputs) and mark.rpartition("/")[2] in self._listed:
            self._storage.remove(mark)
        return plan

    def fetch_sounds(self, plan: Plan) -> None:
        """Have here the sounds that are there."""
        self._fetch(output.path for output in plan.outputs if output.done)

    def _has(self, output: Planned) -> bool:
        return output.path.name in self._listed and told_beside(output.path, output.described) is not None

    def _mark(self, plan: Plan) -> tuple[bytes, str]:
        """Content and address; the same for the same command."""
        content = json.dumps([output.path.name for output in plan.outputs]).encode()
        return content, f"{self._address}/{MARK}{hashlib.sha256(content).hexdigest()[:16]}.json"

    def _fetch(self, files: Iterable[Path]) -> None:
        """Copy those that are listed, in the version that is listed."""
        places = [(file, self._listed[file.name]) for file in files if file.name in self._listed]
        new = [(file, place) for file, place in places if self._versions.get(file.name) != place.tag]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda one: self._storage.download(one[1], one[0]), new))
        self._versions |= {file.name: place.tag for file, place in new}


def put_sound(storage: Storage, files: Sequence[Path], address: str) -> None:
    """Put a sound and then its JSON; an earlier JSON goes first, as it would speak of another sound for a moment.

    Args:
        storage: that gets them.
        files: both.
        address: of the folder.
    """
    sound, beside = ((file, f"{address}/{file.name}") for file in files)
    if storage.exists(beside[1]):
        storage.remove(beside[1])
    storage.put(*sound)
    storage.put(*beside)
