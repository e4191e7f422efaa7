"""A small root with something to merge, and the command line to ask about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.dream import Kairos
from tests.fault.asked import GOOD, Answer, Ask

if TYPE_CHECKING:
    from kairos.dream.vectors import Vectors


@pytest.fixture
def root(home: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Kairos, "vectors", lambda _self: vectors)
    directory = home / "memory"
    directory.mkdir()
    for name, text in GOOD.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def of(*words: object) -> Answer:
        code = run(cli, [str(word) for word in words])
        shown = capsys.readouterr()
        return Answer(code, shown.out, shown.err)

    return of
