from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.unit.service.ear import Ear, Settings, write


@pytest.fixture
def make_ear() -> Iterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def make(polling: Literal["auto", "always", "never"] = "auto") -> Ear:
        ears.append(Ear(Settings(polling)))
        return ears[-1]

    yield make
    for ear in ears:
        ear.watcher.close()


@pytest.fixture
def ear(make_ear: Callable[..., Ear]) -> Ear:
    return make_ear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memory"
    write(root / "a.md", "One fact.\n")
    write(root / "team" / "b.md", "Another fact.\n")
    return root
