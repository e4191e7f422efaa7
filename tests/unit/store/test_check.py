"""What `kairos check` finds in a damaged state: it reads back every part."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kairos.core.root.figures import Alert, AlertKind
from kairos.core.root.provenance import KnownNote, Provenance
from kairos.errors import StateError
from kairos.model import Change, ChangeKind, Conflict, FileChange, Place, Skip
from kairos.store import queries
from kairos.store.check import (
    Flaw,
    file_flaws,
    originals_without_journal,
    record_flaws,
    unnamed_flaws,
)
from kairos.store.database import NAME
from kairos.store.objects import Objects
from kairos.store.overview import overview
from kairos.store.provenance import remember
from kairos.store.records import TransactionKind, Verdict
from kairos.store.state import State
from kairos.store.transaction import Store

NOW = datetime.now(UTC)
TODAY = date(2026, 11, 24)
BROKEN = "\x1b{x"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "root"
    directory.mkdir()
    (directory / "a.md").write_bytes(b"one\n")
    return directory


@pytest.fixture
def state_dir(tmp_path: Path, root: Path) -> Path:
    """The directory of a state that has rows in every table that a dream reads."""
    place = Place("a.md", 1, "one")
    change = Change("k1", ChangeKind.INDEX, "a reason", (), place)
    with Store(tmp_path / "state") as store:
        receipt = store.apply(
            root,
            [FileChange("a.md", b"one\n", b"two\n")],
            kind=TransactionKind.DREAM,
            at=NOW,
            changes=[change],
        )
        state = store.state
        dream = state.record_dream(
            root,
            at=NOW,
            today=TODAY,
            outcome="applied",
            transaction=receipt.transaction,
            stats={"entries": 3, "stale": 0},
            skipped=[Skip("b.md", "It is locked.", "Wait.")],
        )
        state.sync_conflicts(root, [Conflict("c1", place, Place("b.md", 1, "two"), None, "8 or 9", TODAY)])
        state.sync_proposals(root, [change], today=TODAY)
        state.decide(root, "k1", Verdict.REJECTED, at=NOW)
        note = KnownNote("a.md", "0" * 64, 1, changed=TODAY)
        alert = Alert("a.md", AlertKind.PINNED, "rewritten")
        remember(state, root, Provenance({}, (note,), (), (alert,)), dream=dream, today=TODAY)
    return tmp_path / "state"


def records(state_dir: Path) -> list[Flaw]:
    with State.open(state_dir) as state:
        return list(record_flaws(state))


def alter(state_dir: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(state_dir / NAME)) as raw, raw:
        raw.execute(sql, values)


def test_a_sound_state_has_no_flaw(state_dir: Path) -> None:
    assert records(state_dir) == []


@pytest.mark.parametrize(
    ("column", "part"),
    [
        ("dreams.at", "its dreams"),
        ("dreams.today", "its dreams"),
        ("dreams.stats", "its dreams"),
        ("dreams.skipped", "its dreams"),
        ("conflicts.since", "its conflicts"),
        ("conflicts.status", "its conflicts"),
        ("conflicts.body", "its conflicts"),
        ("proposals.since", "its proposals"),
        ("proposals.status", "its proposals"),
        ("proposals.body", "its proposals"),
        ("decisions.verdict", "what was decided"),
        ("notes.changed", "what is known of its notes"),
        ("alerts.kind", "its alerts"),
    ],
)
def test_an_unreadable_column_is_reported_with_its_part(state_dir: Path, column: str, part: str) -> None:
    table, name = column.split(".")
    alter(state_dir, f"UPDATE {table} SET {name} = ?", BROKEN)  # noqa: S608
    found = records(state_dir)
    assert any(f": {part}: " in flaw.what for flaw in found)
    assert all(flaw.serious and flaw.mend for flaw in found)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"no stream",
        zlib.compress(b"{"),
        zlib.compress(b"\xff"),
        zlib.compress(b"[]")[:-1],
        zlib.compress(b'{"places":[],"rows":[[[0],"same",[],1.0]]}'),
    ],
)
def test_unreadable_packed_decisions_are_reported(state_dir: Path, damage: bytes) -> None:
    alter(state_dir, "UPDATE looked_at SET decisions = ?", damage)
    (flaw,) = records(state_dir)
    assert ": what the latest dream looked at: " in flaw.what


@pytest.mark.parametrize("stats", ["[]", '{"entries": "many"}', '{"index_lines": 3}', "{"])
def test_malformed_figures_are_reported_without_a_traceback(state_dir: Path, stats: str) -> None:
    alter(state_dir, "UPDATE dreams SET stats = ?", stats)
    assert any("figures of the latest dreams" in flaw.what for flaw in records(state_dir))
    with State.open(state_dir) as state, pytest.raises(StateError, match="cannot be read"):
        overview(state)


def test_a_dream_without_its_transaction_is_reported_without_a_traceback(state_dir: Path) -> None:
    alter(state_dir, "UPDATE dreams SET txn = 7")
    with State.open(state_dir) as state:
        for report in (lambda: queries.log(state), lambda: queries.show(state, 1)):
            with pytest.raises(StateError, match="cannot be read"):
                report()


def test_a_missing_database_is_noticed_by_its_originals(state_dir: Path) -> None:
    assert list(unnamed(state_dir)) == []
    (state_dir / NAME).unlink()
    for side in ("-wal", "-shm"):
        (state_dir / (NAME + side)).unlink(missing_ok=True)
    (flaw,) = originals_without_journal(state_dir)
    assert (flaw.part, flaw.serious) == ("database", True)
    assert "2 originals are still there" in flaw.what
    (flaw,) = unnamed(state_dir)  # the database was created again
    assert "2 originals are older than the journal" in flaw.what
    assert "restore it from a backup" in flaw.mend


def test_nothing_is_missed_where_kairos_never_ran(tmp_path: Path) -> None:
    assert list(originals_without_journal(tmp_path)) == []
    assert list(unnamed(tmp_path / "state")) == []


def test_bytes_that_recovery_kept_are_no_flaw(state_dir: Path) -> None:
    Objects(state_dir / "objects").put(b"written in the instant of a crash")
    assert list(unnamed(state_dir)) == []


def test_a_malformed_time_does_not_end_the_check(state_dir: Path) -> None:
    alter(state_dir, "UPDATE transactions SET at = ?", BROKEN)
    assert list(unnamed(state_dir)) == []


@pytest.mark.parametrize(
    ("mode", "what", "serious"),
    [
        (0o644, "Other users can access", False),
        (0o400, "You cannot access", True),
        (0, "You cannot access", True),
    ],
)
def test_a_wrong_mode_is_reported_with_the_command_that_repairs_it(
    state_dir: Path, mode: int, what: str, *, serious: bool
) -> None:
    assert list(file_flaws(state_dir)) == []
    (state_dir / NAME).chmod(mode)
    assert list(file_flaws(state_dir)) == [
        Flaw("files", f"{what} {state_dir / NAME}.", f"chmod 600 {state_dir / NAME}", serious=serious)
    ]


def unnamed(state_dir: Path) -> list[Flaw]:
    with State.open(state_dir) as state:
        return list(unnamed_flaws(state, Objects(state_dir / "objects")))
