"""The current line numbers of entries that a dream quoted."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kairos.model import Change, ChangeKind, Conflict, Decision, Evidence, Place, Skip, Witness
from kairos.store.lines import Lines

A, B = Place("a.md", 5, "- tea is green\n  and hot\n"), Place("b.md", 2, "- tea is green\n")


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    (tmp_path / "a.md").write_bytes(b"- tea is green\r\n\r\n- tea is green\r\n  and hot\r\n")
    (tmp_path / "b.md").write_bytes(b"# B\n\n\n- tea is green\n")
    return Lines(tmp_path)


def test_a_place_is_found_where_all_of_its_lines_are(lines: Lines) -> None:
    a, b = lines.places((A, B))
    assert (a.line, b.line) == (3, 4)
    assert (a.text, b.text) == (A.text, B.text)


def test_what_was_left_alone_is_found_by_its_text(lines: Lines) -> None:
    skip = Skip("a.md:5", "undone before", text=A.text)
    assert lines.skip(skip) == replace(skip, what="a.md:3")
    for other in (Skip("a.md", "too large"), Skip("a.md:5", "too long"), Skip("the whole plan", "too much")):
        assert lines.skip(other) == other


@pytest.mark.parametrize(
    "place",
    [
        Place("a.md", 7, "- gone\n"),
        Place("no.md", 7, "- tea is green\n"),
        Place("a.md", 0, ""),
        Place("a.md", 1, ""),
    ],
)
def test_a_place_that_is_gone_keeps_its_number(lines: Lines, place: Place) -> None:
    assert lines.places((place,)) == (place,)


def test_the_nearest_of_equal_texts_is_found(lines: Lines) -> None:
    (found,) = lines.places((Place("a.md", 2, "- tea is green"),))
    assert found.line == 1
    (found,) = lines.places((Place("a.md", 9, "- tea is green"),))
    assert found.line == 3


def test_two_places_do_not_become_one(lines: Lines) -> None:
    both = (Place("b.md", 4, "- tea is green\n"), Place("b.md", 9, "- tea is green\n"))
    assert lines.places(both) == both


def test_a_link_is_not_followed(lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "c.md").symlink_to("b.md")
    place = Place("c.md", 1, "- tea is green\n")
    assert lines.places((place,)) == (place,)


def test_linked_directories_are_not_followed_and_pipes_do_not_block(lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "sub").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.md")
    places = (Place("sub/b.md", 1, "- tea is green\n"), Place("pipe.md", 1, "- tea is green\n"))
    assert lines.places(places) == places
    gone = Lines(tmp_path / "gone")
    assert gone.places((A, B)) == (A, B)


@pytest.mark.parametrize("kind", ["secret", "GitHub token"])
def test_a_text_with_a_credential_is_found_by_its_redacted_form(tmp_path: Path, kind: str) -> None:
    token = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
    text = f"# Notes\n\n- It is new.\n- The API token: {token} ends in May.\n  Ask Mara about {token}.\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    kept = f"- The API token: [{kind}: not shown] ends in May.\n  Ask Mara about [{kind}: not shown].\n"
    (found,) = Lines(tmp_path).places((Place("a.md", 3, kept),))
    assert (found.line, found.text) == (4, kept)


def test_the_texts_of_a_change_name_current_lines(lines: Lines) -> None:
    change = Change(
        key="k",
        kind=ChangeKind.MERGE,
        reason="is contained in a.md:5",
        edits=(),
        subject=B,
        evidence=(Evidence("order", "b.md:2 reads like an order, b.md:21 does not"),),
        witness=Witness("w", A, ()),
    )
    found = lines.change(change)
    assert found.witness is not None
    assert (found.subject.line, found.witness.place.line) == (4, 3)
    assert found.reason == "is contained in a.md:3"
    assert found.evidence[0].text == "b.md:4 reads like an order, b.md:21 does not"


def test_conflicts_and_decisions_name_current_lines(lines: Lines) -> None:
    conflict = lines.conflict(Conflict("c", A, B, None, "green", date(2026, 3, 2)))
    assert (conflict.a.line, conflict.b.line) == (3, 4)
    decision = lines.decision(Decision((A, B), "same, none: a.md:5 stays", ()))
    assert [place.line for place in decision.places] == [3, 4]
    assert decision.outcome == "same, none: a.md:3 stays"
