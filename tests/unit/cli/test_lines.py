"""Waiting proposals are listed in the order of their lines in the note."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kairos.cli.lines import conflicts_now, explanation_now, proposals_now
from kairos.model import Change, ChangeKind, Conflict, Place
from kairos.store.records import ConflictRecord, ConflictStatus, Explanation, Proposal, ProposalStatus


def test_proposals_and_conflicts_are_listed_by_note_and_line(tmp_path: Path) -> None:
    day = date(2026, 11, 1)
    places = [Place("b.md", 1, "- x\n"), Place("a.md", 10, "- ten\n"), Place("a.md", 9, "- nine\n")]
    proposals = [
        Proposal(str(tmp_path), Change("k", ChangeKind.PRUNE, "over", (), one), day, ProposalStatus.WAITING)
        for one in places
    ]
    conflicts = [
        ConflictRecord(
            str(tmp_path), Conflict(one.text, one, places[0], None, "80 ≠ 90", day), ConflictStatus.OPEN, None
        )
        for one in places
    ]
    wanted = ["- nine\n", "- ten\n", "- x\n"]
    assert [one.change.subject.text for one in proposals_now(proposals)] == wanted
    assert [one.conflict.a.text for one in conflicts_now(conflicts)] == wanted


def test_waiting_proposals_are_listed_from_top_to_bottom(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("- one\n- two\n", encoding="utf-8")
    places = (Place("a.md", 1, "- two\n"), Place("a.md", 2, "- one\n"))
    waiting = tuple(
        Proposal(
            str(tmp_path),
            Change(place.text, ChangeKind.MERGE, "said twice", (), place),
            date(2026, 11, 1),
            ProposalStatus.WAITING,
        )
        for place in places
    )
    found = explanation_now(str(tmp_path), Explanation((), (), waiting))
    assert [one.change.subject.line for one in found.proposals] == [1, 2]
