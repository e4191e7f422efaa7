"""Waiting proposals are listed in the order of their lines in the note."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kairos.cli.lines import explanation_now
from kairos.model import Change, ChangeKind, Place
from kairos.store.records import Explanation, Proposal, ProposalStatus


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
