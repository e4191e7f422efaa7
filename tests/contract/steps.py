"""Building blocks for the tests of both stores: changes, dreams and undos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from kairos.core.markdown.render import file_changes
from kairos.model import (
    Change,
    ChangeKind,
    CreateFile,
    Edit,
    Place,
    Receipt,
    RemoveFile,
    Span,
    Splice,
)
from kairos.store.memory import MemoryStore
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PORT = b"- the port is 8080\n- the host is local\n"
TWIN = b"- deploy on Friday\n"


class Harness(Protocol):
    root: Path

    @property
    def store(self) -> Store | MemoryStore: ...

    def edit(self, path: str, data: bytes | None) -> None: ...

    def files(self) -> Mapping[str, bytes]: ...


def change(key: str, *edits: Edit, kind: ChangeKind = ChangeKind.MERGE) -> Change:
    return Change(key, kind, "said twice", edits, Place(edits[0].path, 1, "text"))


def dream(harness: Harness, *changes: Change) -> Receipt:
    before = harness.files()
    files = file_changes(before, changes, modes={}, index="MEMORY.md")
    base = {path: sha256(data).hexdigest() for path, data in before.items()}
    return harness.store.apply(
        harness.root, files, kind=TransactionKind.DREAM, at=NOW, changes=changes, base=base
    )


def undo(
    harness: Harness,
    *transactions: int,
    change_key: str | None = None,
    all_: bool = False,
) -> Receipt:
    chosen: Sequence[int] | None = transactions or None
    return harness.store.undo(harness.root, at=NOW, transactions=chosen, change_key=change_key, all_=all_)


def three_changes(harness: Harness) -> Receipt:
    """Apply three changes: drop a line of port.md, remove twin.md, and create new/note.md."""
    harness.edit("port.md", PORT)
    harness.edit("twin.md", TWIN)
    return dream(
        harness,
        change("line", Splice("port.md", Span(0, 19), b"")),
        change("gone", RemoveFile("twin.md")),
        change("made", CreateFile("new/note.md", b"- new\n"), kind=ChangeKind.CONFLICTS),
    )
