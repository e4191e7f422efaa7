"""The notes in which relative dates are made absolute."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.dating import date_changes
from kairos.core.planning.select import Selection
from kairos.core.root.reading import Reading

Read = Callable[[Mapping[str, str]], Reading]


def note(head: str) -> str:
    return f"---\nname: calls\n{head}modified: 2026-10-08\n---\n\nAda called yesterday.\n"


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("calls.md", "type: feedback\n"),
        ("calls.md", "type: user\n"),
        ("calls.md", "pinned: true\n"),
        ("team/calls.md", ""),
    ],
)
def test_protected_notes_are_left_as_they_are_worded(read: Read, path: str, head: str) -> None:
    assert list(date_changes(read({path: note(head)}), Selection())) == []


def test_other_notes_get_absolute_dates(read: Read) -> None:
    (change,) = date_changes(read({"calls.md": note("type: project\n")}), Selection())
    assert change.subject.file == "calls.md"
