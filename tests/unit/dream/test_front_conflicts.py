"""What a dream prunes, and the conflicts that it flags and resolves."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode
from kairos.dream.decisions import Keep
from kairos.dream.outcome import silent
from kairos.errors import ChangedError, LockedError, UsageError
from kairos.model import ChangeKind
from kairos.store.interruption import INTERRUPTION, Terminated
from kairos.store.lock import RootLock
from kairos.store.records import ConflictStatus
from kairos.store.state import State
from tests.unit.dream.notes import FILES, FILES_BYTES, FILLER, NEW, OLD, TWICE, kinds, one

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model


# --- pruning ---


def test_an_expired_note_goes_with_its_pointer(full: Bed) -> None:
    done = full.dream()
    assert not (full.root / "guest.md").exists()
    assert "guest" not in full.text("MEMORY.md")
    assert done.receipt is not None
    assert "guest.md" in done.receipt.removed


@pytest.mark.parametrize(
    "head", ["type: user", "type: feedback", "metadata:\n  type: feedback", "pinned: true"]
)
def test_a_protected_note_is_only_proposed(bed: MakeBed, head: str) -> None:
    text = f"---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n{head}\n---\n\nGuests log in.\n"
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    done = made.dream()
    assert made.text("guest.md") == text
    (proposal,) = done.plan.proposals
    assert (proposal.kind, proposal.subject.file) == (ChangeKind.PRUNE, "guest.md")
    assert "removed only by you" in proposal.evidence[-1].text
    approved = made.kairos.approve(proposal.key[:8])
    assert not (made.root / "guest.md").exists()
    assert "guest.md" not in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()
    assert approved.receipt is not None
    made.kairos.undo(made.root, transaction=approved.receipt.transaction)
    assert made.text("guest.md") == text


def test_a_superseded_note_that_says_more_waits_and_says_why(bed: MakeBed) -> None:
    old = "---\nname: old\ntype: project\n---\n\nSuperseded by [ship](ship.md). Boxes were of wood then.\n"
    made = bed(
        {"MEMORY.md": "- [Old](old.md)\n- [S](ship.md)\n", "old.md": old, "ship.md": f"# S\n\n{FILLER}"}
    )
    (proposal,) = made.dream().plan.proposals
    assert proposal.subject.file == "old.md"
    assert proposal.evidence[-1].text == "not certain: it says more than that"
    assert made.text("old.md") == old


def test_a_rejected_proposal_never_comes_back(bed: MakeBed) -> None:
    text = FILES["guest.md"].replace("name: guest", "name: guest\ntype: user")
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    (proposal,) = made.dream().plan.proposals
    made.kairos.reject(proposal.key)
    assert made.dream().plan.proposals == ()
    assert made.text("guest.md") == text
    with made.state() as state:
        assert state.proposals() == ()
    with pytest.raises(UsageError, match="no proposal"):
        made.kairos.reject("nonsense")


STEP = "Tag the commit on the main branch with the next version number of the package."
CHAIN = {
    "list.md": f"# T\n\n- {STEP}\n- Green tea is brewed at seventy degrees.\n",
    "long.md": f"# T\n\n- {STEP} Then wait until the wheels are there.\n- Rooms are booked by mail.\n",
    "tagging.md": f"---\nname: tagging\ndescription: tags of releases\ntype: project\n---\n\n{STEP}\n",
}
STEPS = f"1. {STEP}\n2. Wait until the nightly build has put the wheels for all platforms into the store.\n"


def test_proposals_of_one_note_are_applied_and_undone_together(bed: MakeBed) -> None:
    made = bed(
        {
            "release.md": f"# Release\n\nHow it is made.\n\n{STEPS}",
            "hotfix.md": f"# Hotfix\n\nIf it is broken.\n\n{STEPS}",
        }
    )
    before = made.text("hotfix.md")
    keys = [change.key for change in made.dream().plan.proposals]
    assert len(keys) == 2
    approved = made.kairos.approve(*keys)
    assert (approved.status, approved.skipped) == ("applied", ())
    assert STEP not in made.text("hotfix.md")
    with made.state() as state:
        assert state.proposals() == ()
    assert approved.receipt is not None
    made.kairos.undo(made.root, change=keys[0])
    assert STEP in made.text("hotfix.md")
    assert "nightly" not in made.text("hotfix.md")
    made.kairos.undo(made.root, transaction=approved.receipt.transaction)
    assert made.text("hotfix.md") == before


def test_an_entry_stays_if_its_witness_is_removed_too(bed: MakeBed) -> None:
    made = bed(CHAIN)
    made.dream(Mode.ASK)  # the first dream only reports
    with made.state() as state:
        waiting = {proposal.change.subject.file: proposal.change for proposal in state.proposals()}
    assert waiting.keys() == {"list.md", "tagging.md"}
    approved = made.kairos.approve(*(change.key for change in waiting.values()))
    assert (approved.status, len(approved.skipped)) == ("partial", 1)
    assert waiting["list.md"].key in approved.skipped[0].what
    assert made.text("list.md") == CHAIN["list.md"]
    assert not (made.root / "tagging.md").exists()
    with made.state() as state:
        assert [proposal.change.key for proposal in state.proposals()] == [waiting["list.md"].key]


def test_of_several_approved_proposals_those_that_still_hold_are_applied(bed: MakeBed) -> None:
    made = bed(CHAIN)
    made.dream(Mode.ASK)
    with made.state() as state:
        keys = [proposal.change.key for proposal in state.proposals()]
    made.write("long.md", "# T\n\n- Rooms are booked by mail.\n")
    assert made.kairos.approve(*keys).status == "partial"
    assert STEP not in made.text("list.md")
    assert STEP in made.text("tagging.md")
    made.kairos.undo(made.root)
    made.write("tagging.md", "# T\n\nNothing.\n")
    with pytest.raises(ChangedError, match="out of date"):
        made.kairos.approve(*keys)


def test_an_approval_that_fails_forgets_no_rejection(bed: MakeBed) -> None:
    text = FILES["guest.md"].replace("name: guest", "name: guest\ntype: user")
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    (proposal,) = made.dream().plan.proposals
    made.kairos.reject(proposal.key)
    made.write("guest.md", text.replace("2026", "2036"))
    with pytest.raises(ChangedError, match="is out of date"):
        made.kairos.approve(proposal.key)
    made.write("guest.md", text)
    with RootLock(made.kairos.state_dir / "locks", made.root), pytest.raises(LockedError):
        made.kairos.approve(proposal.key)
    assert made.dream().plan.proposals == ()
    made.kairos.approve(proposal.key)
    assert not (made.root / "guest.md").exists()


def test_a_plan_that_removes_too_much_waits(bed: MakeBed) -> None:
    rooms = {f"old{n}.md": f"---\nexpires: 2026-01-0{n}\n---\n\nRoom {n} is closed.\n" for n in range(1, 5)}
    expired = {"guest.md": FILES["guest.md"], **rooms}
    made = bed({"MEMORY.md": "# Memory\n", "ship.md": f"# S\n\n- {TWICE}\n", **expired})
    done = made.dream()
    assert set(made.files()) >= set(expired)
    assert {p.subject.file for p in done.plan.proposals} == set(expired)
    assert any("max_removed_fraction" in skip.reason for skip in done.skipped)
    made.configure("limits: {max_removed_fraction: 1.0}")
    made.dream()
    assert not set(made.files()) & set(expired)
    assert made.dream().plan.changes == ()


# --- conflicts ---


def flagged(made: Bed) -> str:
    (conflict,) = made.dream().plan.conflicts
    return conflict.id


def test_a_conflict_is_shown_to_the_agent_and_not_touched(full: Bed) -> None:
    conflict = flagged(full)
    note = full.text("kairos-conflicts.md")
    assert OLD in note
    assert NEW in note
    assert "](kairos-conflicts.md)" in full.text("MEMORY.md")
    assert OLD in full.text("ship.md")
    assert NEW in full.text("notes.md")
    with full.state() as state:
        (record,) = state.conflicts()
    assert record.conflict.id == conflict


def test_a_users_own_note_named_like_the_conflicts_note_stays(full: Bed) -> None:
    mine = "# Conflicts that I had\n\n- The restaurant Kairos is closed on Mondays.\n"
    full.write("kairos-conflicts.md", mine)
    done = full.dream()
    assert len(done.plan.conflicts) == 1
    assert full.text("kairos-conflicts.md") == mine
    assert any(
        skip.what == "kairos-conflicts.md" and "not written by Kairos" in skip.why for skip in done.skipped
    )
    full.kairos.resolve(done.plan.conflicts[0].id, "b")
    full.dream()
    assert full.text("kairos-conflicts.md") == mine


@pytest.mark.parametrize("kind", ["link", "directory", "no text"])
def test_anything_else_named_like_the_conflicts_note_stays(full: Bed, kind: str) -> None:
    taken = full.root / "kairos-conflicts.md"
    if kind == "link":
        taken.symlink_to("ship.md")
    elif kind == "directory":
        taken.mkdir()
        (taken / "tea.md").write_text("# Tea\n\n- Green tea is free on Mondays.\n", encoding="utf-8")
    else:
        taken.write_bytes(b"\xff\xfe mine")
    done = full.dream()
    assert len(done.plan.conflicts) == 1
    assert any("not written by Kairos" in skip.why for skip in done.skipped)
    assert taken.is_symlink() == (kind == "link")
    assert taken.is_dir() == (kind == "directory")
    assert kind != "no text" or taken.read_bytes() == b"\xff\xfe mine"


@pytest.mark.parametrize("keep", ["a", "b"])
def test_a_resolved_conflict_leaves_one_side_and_no_note(full: Bed, keep: str) -> None:
    conflict = flagged(full)
    with full.state() as state:
        (record,) = state.conflicts()
    a, b = record.conflict.a.text, record.conflict.b.text
    before = full.files()
    resolved = full.kairos.resolve(conflict, "a" if keep == "a" else "b")
    text = "".join(data.decode() for data in full.files().values())
    kept, lost = (a, b) if keep == "a" else (b, a)
    assert kept in text
    assert lost not in text
    assert "kairos-conflicts" not in text
    assert not (full.root / "kairos-conflicts.md").exists()
    again = full.dream()
    assert (again.plan.changes, again.plan.conflicts) == ((), ())
    assert resolved is not None
    assert resolved.receipt is not None
    full.kairos.undo(full.root, transaction=resolved.receipt.transaction)
    assert full.files() == before
    with pytest.raises(UsageError, match="no open conflict"):
        full.kairos.resolve("nonsense", "a")
    assert flagged(full) == conflict  # undone, so the next dream flags it again
    assert full.kairos.resolve(conflict, "a" if keep == "b" else "b") is not None


def test_edits_of_the_conflicts_note_by_decisions_do_not_block_undo(bed: MakeBed) -> None:
    early, late = "The lift is locked at 20:00.", "The lift is now locked at 22:00, no longer at 20:00."
    more = {
        "lift.md": f"# Lift\n\n- {early}\n- It holds eight people.\n",
        "house.md": f"# House\n\n- {late}\n- Bins go out on Mondays.\n",
    }
    made = bed({**FILES, **more})
    done = made.dream()
    assert done.receipt is not None
    ids = {conflict.a.file: conflict.id for conflict in done.plan.conflicts}
    assert len(ids) == 2
    side: Keep = "a" if "house.md" in ids else "b"
    resolved = made.kairos.resolve(ids.get("house.md") or ids["lift.md"], side)
    assert early not in made.text("lift.md")
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    before = {name: data for name, data in made.files().items() if name in FILES}
    assert before == {name: data for name, data in FILES_BYTES.items() if name in FILES}
    assert early not in made.text("lift.md")
    assert resolved.receipt is not None
    made.kairos.undo(made.root, transaction=resolved.receipt.transaction)
    assert made.text("lift.md") == more["lift.md"]
    made.dream()
    assert made.files() == {**FILES_BYTES, **{name: text.encode() for name, text in more.items()}}


def test_a_conflict_stays_open_while_one_side_is_there_twice(bed: MakeBed) -> None:
    made = bed(
        {"MEMORY.md": "# Memory\n", "ship.md": f"# S\n\n- {OLD}\n", "notes.md": f"# N\n\n- {NEW}\n{FILLER}"}
    )
    conflict = flagged(made)
    made.write("copy.md", f"# C\n\n- {OLD}\n")
    made.kairos.undo(made.root, change=one(made.dream().plan, ChangeKind.MERGE))
    for _ in range(2):
        assert ChangeKind.MERGE not in kinds(made.dream().plan)
        with made.state() as state:
            assert conflict in {record.conflict.id for record in state.conflicts()}


def test_keeping_both_is_remembered(full: Bed) -> None:
    conflict = flagged(full)
    full.kairos.resolve(conflict, "both")
    assert OLD in full.text("ship.md")
    assert NEW in full.text("notes.md")
    assert "kairos-conflicts" not in full.text("MEMORY.md")
    assert not (full.root / "kairos-conflicts.md").exists()
    again = full.dream()
    assert (again.plan.changes, again.plan.conflicts) == ((), ())


def test_a_decision_that_was_carried_out_is_remembered_whatever_signal_arrives_meanwhile(full: Bed) -> None:
    conflict = full.dream().plan.conflicts[0].id

    def end(stage: str, *_: object) -> None:
        if stage == "apply":
            INTERRUPTION._arrive(signal.SIGTERM, None)

    full.kairos.progress = end
    try:
        with pytest.raises(Terminated):
            full.kairos.resolve(conflict, "both")
    finally:
        INTERRUPTION._arrived = None
        full.kairos.progress = silent
    assert full.dream().plan.conflicts == ()


@pytest.mark.parametrize("keep", ["a", "both"])
def test_a_settled_conflict_stays_so_if_the_process_is_killed_right_after_the_commit(
    full: Bed, monkeypatch: pytest.MonkeyPatch, keep: Keep
) -> None:
    conflict = flagged(full)

    def killed(*_: object) -> None:
        raise SystemExit  # nothing catches this, as nothing runs after a kill

    with monkeypatch.context() as patch:
        patch.setattr(State, "sync_conflicts", killed)
        with pytest.raises(SystemExit):
            full.kairos.resolve(conflict, keep)
    with full.state() as state:
        (record,) = state.conflicts(full.root, status=ConflictStatus.RESOLVED)
        assert (record.conflict.id, record.keep) == (conflict, None if keep == "both" else keep)
    assert full.dream().plan.conflicts == ()
    full.kairos.undo(full.root)
    assert flagged(full) == conflict


def test_keeping_both_that_fails_is_not_remembered(full: Bed) -> None:
    conflict = flagged(full)
    with RootLock(full.kairos.state_dir / "locks", full.root), pytest.raises(LockedError):
        full.kairos.resolve(conflict, "both")
    with full.state() as state:
        assert state.decisions(full.root) == {}
    assert flagged(full) == conflict


def test_keep_newer_removes_the_older_side(full: Bed) -> None:
    full.configure("conflicts: keep-newer")
    done = full.dream()
    assert ChangeKind.RESOLVE in kinds(done.plan)
    text = "".join(data.decode() for data in full.files().values())
    assert NEW in text
    assert f"- {OLD}" not in text
    assert done.plan.conflicts == ()
    assert full.dream().plan.changes == ()
    full.kairos.undo(full.root, everything=True)
    assert full.files() == FILES_BYTES


def test_without_the_conflicts_note_conflicts_are_only_reported(full: Bed) -> None:
    full.configure("conflicts_note: false")
    assert len(full.dream().plan.conflicts) == 1
    assert not (full.root / "kairos-conflicts.md").exists()
    assert full.dream().plan.changes == ()


def test_a_conflict_that_no_longer_holds_is_not_resolved(full: Bed) -> None:
    conflict = flagged(full)
    full.write("ship.md", "# Shipping\n\n- Tea is free.\n")
    before = full.files()
    with pytest.raises(ChangedError, match="is out of date"):
        full.kairos.resolve(conflict, "a")
    assert full.files() == before


def test_a_proposal_for_a_note_that_the_same_dream_edits_can_be_approved(bed: MakeBed) -> None:
    head = "---\nname: guest\ntype: project\ndate: 2026-01-10\n---\n"
    text = f"{head}\nTomorrow the guests log in with the key of the desk, at the latest until 2026-01-31, or so.\n"
    made = bed({"MEMORY.md": FILES["MEMORY.md"], "guest.md": text, "ship.md": f"# S\n\n{FILLER}"})
    done = made.dream()
    assert "On 2026-01-11" in made.text("guest.md")  # by the same dream that proposes to remove the note
    (proposal,) = done.plan.proposals
    assert [change.kind for change in done.plan.changes].count(ChangeKind.DATE) == 1
    made.kairos.approve(proposal.key)
    assert not (made.root / "guest.md").exists()
