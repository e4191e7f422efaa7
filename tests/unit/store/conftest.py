"""For the tests of moved roots: a root with two notes, the path it moves to, and a store without records of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kairos.store.transaction import Store


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (root := tmp_path / "old").mkdir()
    for name in ("a.md", "b.md"):
        (root / name).write_bytes(name.encode())
    return root


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def store(tmp_path: Path, old: Path) -> Iterator[Store]:  # noqa: ARG001 - has to exist before the store
    with Store(tmp_path / "state") as store:
        yield store
