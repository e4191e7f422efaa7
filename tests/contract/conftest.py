"""One harness for the store on disk and the one in memory, so that every test here runs against both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kairos.store.memory import MemoryStore
from kairos.store.transaction import Store


class OnDisk:
    def __init__(self, directory: Path) -> None:
        self.root = directory / "root"
        self.root.mkdir()
        self.store = Store(directory / "state")

    def edit(self, path: str, data: bytes | None) -> None:
        file = self.root / path
        if data is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def files(self) -> Mapping[str, bytes]:
        return {
            str(file.relative_to(self.root)): file.read_bytes()
            for file in self.root.rglob("*")
            if file.is_file()
        }


class InMemory:
    def __init__(self, directory: Path) -> None:
        self.root = directory / "root"
        self.store = MemoryStore()
        self.store.roots[str(self.root)] = {}

    def edit(self, path: str, data: bytes | None) -> None:
        files = self.store.roots[str(self.root)]
        if data is None:
            del files[path]
        else:
            files[path] = data

    def files(self) -> Mapping[str, bytes]:
        return dict(self.store.roots[str(self.root)])


@pytest.fixture(params=[OnDisk, InMemory])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnDisk | InMemory]:
    made: OnDisk | InMemory = request.param(tmp_path.resolve())
    yield made
    made.store.close()
