from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kairos.errors import StateError
from kairos.model import Change, ChangeKind, Conflict, Considered, Decision, Evidence, Place, RemoveFile, Skip
from kairos.store import queries
from kairos.store.codec import to_json
from kairos.store.disk import PRIVATE_FILE, Disk
from kairos.store.objects import Objects
from kairos.store.overview import overview
from kairos.store.packing import packed
from kairos.store.records import ConflictStatus, ProposalStatus, Verdict
from kairos.store.state import State

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PLACE = Place("a.md", 3, "- one\n- two\n")


def conflict(name: str, since: date = TODAY) -> Conflict:
    return Conflict(name, PLACE, Place("b.md", 1, "x"), "b", "ports differ", since)


def change(key: str, reason: str = "said twice") -> Change:
    return Change(key, ChangeKind.MERGE, reason, (RemoveFile("b.md"),), PLACE)


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with State.open(tmp_path / "deep" / "state") as state:
            state.remember_root(tmp_path)
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "deep/state").iterdir()}
    finally:
        os.umask(old)
    assert set(modes) >= {"state.db", "state.db-wal"}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "deep/state").stat().st_mode & 0o777 == 0o700


def test_a_transaction_is_written_completely_or_not_at_all(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with State.open(tmp_path / "state") as state:
        with suppress(ZeroDivisionError), state.writing():
            state.remember_root(tmp_path)
            raise ZeroDivisionError
        with state.writing():
            state.remember_root(other)
            state.decide(other, "k", Verdict.REJECTED, at=NOW)
    with State.open(tmp_path / "state") as state:
        assert list(state.roots()) == [str(other)]
        assert state.decisions(other) == {"k": Verdict.REJECTED}


def test_only_the_failed_part_of_a_nested_transaction_is_rolled_back(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with State.open(tmp_path / "state") as state:
        with state.writing():
            state.remember_root(other)
            with suppress(ZeroDivisionError), state.writing():
                state.remember_root(tmp_path)
                raise ZeroDivisionError
        assert list(state.roots()) == [str(other)]


def test_a_reopened_state_has_everything_that_was_written(tmp_path: Path) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    considered = Considered(
        (("a.md", 3, "- one\n- two\n"),),
        (((0,), "distinct", (Evidence("values", "ports differ", 0.5),), 0.9),),
    )
    with State.open(tmp_path / "state") as state:
        state.remember_root(root, "claude")
        number = state.record_dream(
            root,
            at=NOW,
            today=TODAY,
            outcome="reported",
            stats={"entries": 12, "seconds": 0.5},
            skipped=[Skip("x.md", "too large", "split it")],
            decisions=packed(considered),
        )
    with State.open(tmp_path / "state") as state:
        assert state.notices == ()
        assert state.roots() == {str(root): "claude"}
        report = queries.show(state, number)
        assert report is not None
        assert report.dream.stats == {"entries": 12, "seconds": 0.5}
        assert report.dream.skipped == (Skip("x.md", "too large", "split it"),)
        assert report.decisions == tuple(considered.decisions())
        assert (report.dream.at, report.dream.today, report.dream.outcome) == (NOW, TODAY, "reported")


def test_an_unknown_layout_does_not_erase_a_known_one(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        assert state.remember_root(tmp_path, "claude") == state.remember_root(tmp_path)
        assert state.roots() == {str(tmp_path.resolve()): "claude"}


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""])
def test_a_damaged_database_is_moved_aside_and_reported(tmp_path: Path, damage: bytes) -> None:
    directory = tmp_path / "state"
    with State.open(directory) as state:
        state.remember_root(tmp_path)
    database = directory / "state.db"
    content = database.read_bytes()
    database.write_bytes(damage or content[:4096] + b"\xff" * 4096 + content[8192:])
    with State.open(directory) as state:
        assert "damaged" in state.notices[0]
        assert state.roots() == {}
        state.remember_root(tmp_path)
    assert len(list(directory.glob("state.db.corrupt-*"))) == 1
    with State.open(directory) as state:
        assert state.notices == ()
        assert len(state.roots()) == 1


def test_a_state_that_cannot_be_created_again_raises_an_error(tmp_path: Path) -> None:
    class Spoiler(Disk):
        """Damages the database each time it is opened."""

        def open(self, path: str, flags: int, mode: int = PRIVATE_FILE, *, dir_fd: int | None = None) -> int:
            fd = super().open(path, flags, mode, dir_fd=dir_fd)
            if path == "state.db":
                os.write(fd, b"no database at all" * 100)
            return fd

    with pytest.raises(StateError, match="state database cannot be used"):
        State.open(tmp_path / "state", Spoiler())


def test_the_state_of_a_newer_kairos_is_left_alone(tmp_path: Path) -> None:
    State.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "state.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer Kairos") as caught:
        State.open(tmp_path)
    assert "Update" in caught.value.advice
    assert not list(tmp_path.glob("*.corrupt-*"))


def fail_halfway(state: State) -> None:
    with state.writing() as connection:
        connection.execute("INSERT INTO roots (path) VALUES (x'41')")
        connection.execute("INSERT INTO nowhere VALUES (1)")


def test_a_failure_inside_a_write_leaves_nothing(tmp_path: Path) -> None:
    with State.open(tmp_path) as state:
        with pytest.raises(StateError):
            fail_halfway(state)
        assert state.roots() == {}


def test_conflicts_keep_their_first_day_and_their_resolution(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.sync_conflicts(tmp_path, [conflict("1", date(2026, 11, 1)), conflict("2"), conflict("3")])
        state.set_conflict(tmp_path, "2", ConflictStatus.RESOLVED, keep="a")
        state.sync_conflicts(tmp_path, [conflict("1")])
        assert [item.conflict for item in state.conflicts(tmp_path)] == [conflict("1", date(2026, 11, 1))]
        everything = {item.conflict.id: item for item in state.conflicts(status=None)}
        assert everything["2"].status is ConflictStatus.RESOLVED
        assert everything["2"].keep == "a"
        assert everything["3"].status is ConflictStatus.SETTLED
        state.sync_conflicts(tmp_path, [conflict("3")])
        assert [item.conflict.id for item in state.conflicts(tmp_path)] == ["3"]
        state.sync_conflicts(tmp_path, [conflict("2"), conflict("3")])  # the resolution was undone
        assert {item.conflict.id: item.keep for item in state.conflicts(tmp_path)} == {"2": None, "3": None}


def test_proposals_wait_until_they_are_decided_or_gone(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.sync_proposals(tmp_path, [change("1"), change("2"), change("3")], today=TODAY)
        state.set_proposal(tmp_path, "2", ProposalStatus.REJECTED)
        later = date(2026, 12, 1)
        state.sync_proposals(tmp_path, [change("1", "said thrice"), change("2")], today=later)
        (waiting,) = state.proposals(tmp_path)
        assert (waiting.change, waiting.since) == (change("1", "said thrice"), TODAY)
        now = {item.change.key: item.status for item in state.proposals(tmp_path, status=None)}
        assert now["2"] is ProposalStatus.REJECTED
        assert now["3"] is ProposalStatus.GONE


def test_a_proposal_that_was_gone_waits_again_since_its_first_day(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.sync_proposals(tmp_path, [change("1")], today=TODAY)
        state.sync_proposals(tmp_path, [], today=TODAY)
        assert state.proposals(tmp_path) == ()
        state.sync_proposals(tmp_path, [change("1")], today=date(2026, 12, 1))
        assert [(item.change, item.since) for item in state.proposals(tmp_path)] == [(change("1"), TODAY)]


def test_a_proposal_that_waits_as_it_did_is_not_written_again(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.sync_proposals(tmp_path, [change("1"), change("2", "naïve")], today=TODAY)
        with state.writing() as connection:
            before = connection.total_changes
            state.sync_proposals(tmp_path, [change("1"), change("2", "naïve")], today=TODAY)
            assert connection.total_changes == before


def test_decisions_belong_to_one_root_and_can_be_forgotten(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.decide(tmp_path, "k", Verdict.KEEP_BOTH, at=NOW)
        state.decide(tmp_path, "k", Verdict.REJECTED, at=NOW)
        assert state.decisions(tmp_path) == {"k": Verdict.REJECTED}
        assert state.decisions(tmp_path / "other") == {}
        state.forget_decision(tmp_path, "k")
        assert state.decisions(tmp_path) == {}


SKIP = Skip("a.md", "It is locked.", "Try later.")


def test_status_counts_conflicts_and_proposals(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        state.sync_conflicts(tmp_path, [conflict("1"), conflict("2")])
        state.sync_proposals(tmp_path, [change("1")], today=TODAY)
        state.record_dream(tmp_path, at=NOW, today=TODAY, outcome="first")
        state.record_dream(
            tmp_path, at=NOW, today=TODAY, outcome="second", skipped=[SKIP], stats={"entries": 3}
        )
        (row,) = overview(state)
        assert (row.open_conflicts, row.waiting_proposals, row.duplicates_removed) == (2, 1, 0)
        assert row.last is not None
        assert (row.last.outcome, row.last.at, row.last.stats) == ("second", NOW, {"entries": 3})
        assert row.last.skipped == ((SKIP.what, SKIP.reason, SKIP.advice, SKIP.key),)


def test_explain_finds_decisions_by_line(tmp_path: Path) -> None:
    with State.open(tmp_path / "state") as state:
        considered = Considered((("a.md", 3, "- one\n- two\n"),), (((0,), "distinct", (), 1.0),))
        state.record_dream(tmp_path, at=NOW, today=TODAY, outcome="x", decisions=packed(considered))
        (about,) = considered.decisions()
        for line, expected in ((2, ()), (3, (about,)), (4, (about,)), (5, ())):
            assert queries.explain(state, tmp_path, "a.md", line=line).decisions == expected
        assert queries.explain(state, tmp_path, "b.md").decisions == ()


def test_explain_names_what_was_left_alone_of_a_line_or_of_the_whole_file(tmp_path: Path) -> None:
    of_file = Skip("a.md", "It is too large.")
    of_another_line = Skip("a.md", "a pointer was undone before", key="k1")
    of_line = Skip("a.md:3", "undone before", text="- one\n- two", key="k2")
    of_number = Skip("a.md:7", "It is too long.")
    with State.open(tmp_path / "state") as state:
        skipped = (of_file, of_another_line, of_line, of_number, Skip("b.md:3", "left"))
        state.record_dream(tmp_path, at=NOW, today=TODAY, outcome="x", skipped=skipped)

        def told(line: int | None, text: str = "") -> tuple[Skip, ...]:
            return queries.explain(state, tmp_path, "a.md", line=line, text=text).skipped

        assert told(None) == skipped[:4]
        assert told(9, "- two\n") == (of_file, of_line)
        assert told(3, "- three\n") == (of_file,)
        assert told(7, "- seven\n") == (of_file, of_number)


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
def test_explain_counts_lines_like_an_editor(tmp_path: Path, sign: str) -> None:
    text = f"- one{sign}two"
    with State.open(tmp_path / "state") as state:
        considered = Considered((("a.md", 3, f"{text}\n- three\n"),), (((0,), "distinct", (), 1.0),))
        state.record_dream(tmp_path, at=NOW, today=TODAY, outcome="x", decisions=packed(considered))
        (about,) = considered.decisions()
        assert queries.explain(state, tmp_path, "a.md", line=1, text=f"{text}\n").decisions == (about,)
        assert queries.explain(state, tmp_path, "a.md", line=1, text="- one\n").decisions == ()


def record_in_old_schema(directory: Path, root: Path, decisions: str) -> int:
    """Record a dream in a state with the former schema, which stored decisions as plain JSON; returns its number."""
    with State.open(directory) as state:
        number = state.record_dream(root, at=NOW, today=TODAY, outcome="x")
    with closing(sqlite3.connect(directory / "state.db")) as raw, raw:
        (table,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'looked_at'").fetchone()
        raw.execute("DROP TABLE looked_at")
        raw.execute(table.replace("BLOB", "TEXT"))
        raw.execute("INSERT INTO looked_at VALUES (1, ?, ?)", (number, decisions))
        raw.execute("DROP TABLE moves")
        raw.execute("PRAGMA user_version = 6")
    return number


def test_decisions_in_the_old_schema_are_read(tmp_path: Path) -> None:
    pair = Decision(
        (PLACE, Place("b.md", 1, "x")), "distinct", (Evidence("values", "ports differ", 0.5),), 0.9
    )
    other = Decision((PLACE, Place("c.md", 1, "y")), "same, merge", ())
    number = record_in_old_schema(tmp_path / "state", tmp_path, to_json((pair, other)))
    with State.open(tmp_path / "state") as state:
        assert queries.explain(state, tmp_path, "a.md").decisions == (pair, other)
        assert queries.explain(state, tmp_path, "c.md").decisions == (other,)
        report = queries.show(state, number)
    assert report is not None
    assert report.decisions == (pair, other)


@pytest.mark.parametrize("damaged", ["{", "[7]", '[{"places":[{}]}]', "[" * 100_000])
def test_damaged_decisions_do_not_prevent_a_migration(tmp_path: Path, damaged: str) -> None:
    number = record_in_old_schema(tmp_path / "state", tmp_path, damaged)
    with State.open(tmp_path / "state") as state:
        report = queries.show(state, number)
    assert report is not None
    assert report.decisions == ()


def test_reports_need_only_the_standard_library() -> None:
    code = (
        "import sys, kairos.store.queries\n"
        "print(sorted({'numpy', 'pydantic', 'torch', 'merge3', 'rich', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("loss", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["gone", "empty"])
def test_a_lost_database_is_noticed_by_the_originals(tmp_path: Path, loss: Callable[[Path], object]) -> None:
    with State.open(tmp_path) as state:
        assert state.notices == ()
    with State.open(tmp_path) as state:
        assert state.notices == ()
    loss(tmp_path / "state.db")
    with State.open(tmp_path) as state:
        assert state.notices == ()  # no dream had changed anything
    Objects(tmp_path / "objects").put(b"- a note\n")
    loss(tmp_path / "state.db")
    with State.open(tmp_path) as state:
        assert [f"{tmp_path}/state.db was lost" in notice for notice in state.notices] == [True]
    with State.open(tmp_path) as state:
        assert state.notices == ()
