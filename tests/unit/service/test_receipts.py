"""Changes that Kairos itself made, read from a real state with a real transaction."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos_service import receipts
from kairos_service.census import EMPTY, census, changed_paths
from kairos_service.receipts import baseline_without_own_writes
from tests.unit.service.test_census import SCOPE, write

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


class Scene:
    """A root with three notes after a dream that rewrote one and removed another."""

    def __init__(self, tmp_path: Path) -> None:
        self.root, self.state_dir = tmp_path / "memory", tmp_path / "state"
        for name in ("a.md", "b.md", "c.md"):
            write(self.root / name, f"- {name} is a note.\n")
        self.before = census(self.root, SCOPE)
        changes = [
            FileChange("a.md", (self.root / "a.md").read_bytes(), b"- Both.\n"),
            FileChange("b.md", (self.root / "b.md").read_bytes(), None),
        ]
        with closing(Store(self.state_dir)) as store:
            store.state.remember_root(self.root)
            receipt = store.apply(self.root, changes, kind=TransactionKind.DREAM, at=NOW)
            store.state.record_dream(
                self.root, at=NOW, today=NOW.date(), outcome="applied", transaction=receipt.transaction
            )

    def changed(self) -> list[str]:
        """Return the paths that count as changed, apart from what Kairos itself changed."""
        count = census(self.root, SCOPE)
        return list(
            changed_paths(baseline_without_own_writes(self.state_dir, self.root, self.before, count), count)
        )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_files_in_a_receipt_do_not_count_as_changed(scene: Scene) -> None:
    assert scene.changed() == []
    write(scene.root / "c.md", "- Somebody wrote.\n")
    assert scene.changed() == ["c.md"]


def test_files_overwritten_after_kairos_count_as_changed(scene: Scene) -> None:
    status = (scene.root / "a.md").stat()
    write(scene.root / "a.md", "- Other.\n"[: status.st_size])
    os.utime(scene.root / "a.md", ns=(status.st_atime_ns, status.st_mtime_ns))
    write(scene.root / "b.md", "- It is back.\n")
    assert scene.changed() == ["a.md", "b.md"]


def test_very_many_changes_are_not_compared_one_by_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "_MOST", 1)
    assert scene.changed() == ["a.md", "b.md"]


def test_without_a_readable_state_everything_counts_as_changed(bed: Bed, tmp_path: Path) -> None:
    count = census(bed.root, SCOPE)
    assert baseline_without_own_writes(tmp_path / "none", bed.root, bed.before, count) is bed.before
    elsewhere = tmp_path / "elsewhere"
    assert baseline_without_own_writes(bed.state_dir, elsewhere, EMPTY, count) == EMPTY
