"""A home with one root that has a history, for tests of the commands that show and keep it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.aged import age_originals

NOW = datetime.now(UTC)
FILES = {
    "MEMORY.md": "# Memory\n\n- [Ports](ports.md) — which port\n- [Gone](gone.md) — nothing\n",
    "ports.md": "# Ports\n\nThe API listens on port 8410.\n",
    "lonely.md": "# Lonely\n\nNothing leads here.\n",
}


class Place:
    """A home with one root that two transactions have changed."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.state_dir = home / "memory", home / ".local/state/kairos"
        self._capsys = capsys
        self.root.mkdir()
        for name, text in FILES.items():
            (self.root / name).write_text(text, encoding="utf-8")
        self.copy = shutil.copytree(self.root, home / "copy")
        self.change("ports.md", b"# Ports\n\nThe API listens on port 8411.\n", NOW - timedelta(days=400))
        self.change("new note.md", b"# New\n", NOW)

    def change(self, name: str, after: bytes, at: datetime) -> None:
        path = self.root / name
        before = path.read_bytes() if path.exists() else None
        with Store(self.state_dir) as store:
            store.apply(self.root, [FileChange(name, before, after)], kind=TransactionKind.APPROVE, at=at)
        age_originals(self.state_dir, at)

    def ask(self, *words: str) -> tuple[int, str]:
        code = run(cli, list(words))
        shown = self._capsys.readouterr()
        assert "should not have happened" not in shown.err
        return code, shown.out + shown.err

    def check(self, *words: str) -> tuple[int, Any]:
        code, out = self.ask("check", "--json", *words)
        return code, json.loads(out)

    def tamper(self, script: str) -> None:
        with closing(sqlite3.connect(self.state_dir / "state.db")) as connection:
            connection.executescript(script)
