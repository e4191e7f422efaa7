"""The provenance of notes, and alerts about what no agent does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from kairos.core.root.figures import Alert, AlertKind
from kairos.core.root.provenance import (
    Author,
    KnownNote,
    Lookback,
    NoteEdit,
    Provenance,
    Written,
    with_new_alerts,
)
from kairos.core.root.reading import Reading

Read = Callable[[Mapping[str, str]], Reading]

DAY = date(2026, 3, 2)
NOW = 1000
PINNED = "---\npinned: true\n---\n\n- One.\n- Two.\n"
FEEDBACK = "---\ntype: feedback\n---\n\n- One.\n- Two.\n"


def stamped(reading: Reading, mtime_ns: int, owner: int = 7) -> Reading:
    """Return the reading with this time and owner for all files."""
    sources = tuple(replace(s, mtime_ns=mtime_ns, owner=owner) for s in reading.snapshot.sources)
    return Reading.of(replace(reading.snapshot, sources=sources))


def look(
    reading: Reading,
    known: Mapping[str, KnownNote] | None = None,
    ours: Mapping[str, str] | None = None,
    written: Mapping[str, Written] | None = None,
) -> Provenance:
    lookback = Lookback(known or {}, lambda _paths: ours or {}, lambda _paths: written or {}, DAY, NOW)
    return lookback.look(reading)


def later(
    read: Read, before: str, after: str, mtime_ns: int = 200, written: Mapping[str, Written] | None = None
) -> Provenance:
    """Return what a look finds after a note was changed, by default with a later mtime."""
    known = look(stamped(read({"a.md": before}), 100)).notes
    return look(stamped(read({"a.md": after}), mtime_ns), known, written=written)


def test_the_first_look_only_records_the_notes(read: Read) -> None:
    found = look(stamped(read({"a.md": "---\noriginSessionId: s1\n---\n\n- One.\n", "b.md": "- B.\n"}), 100))
    assert [note.path for note in found.news] == ["a.md", "b.md"]
    assert found.notes["a.md"].sessions == ("s1",)
    assert (found.edits, found.alerts, found.changed) == ((), (), {})


def test_a_look_at_unchanged_notes_finds_nothing_new(read: Read) -> None:
    reading = stamped(read({"a.md": "- One.\n"}), 100)
    assert look(reading, look(reading).notes).news == ()


def test_a_session_that_a_transcript_names_is_the_author(read: Read) -> None:
    found = later(read, "- One.\n", "- Two.\n", written={"a.md": Written("s\n9", outside=True)})
    assert found.edits == (NoteEdit("a.md", Author.AGENT, "s 9"),)
    assert found.outside == {"a.md"}
    assert found.changed == {"a.md": DAY}


def test_without_a_transcript_the_author_is_somebody(read: Read) -> None:
    found = later(read, "- One.\n", "- Two.\n")
    assert found.edits == (NoteEdit("a.md", Author.SOMEBODY),)
    assert found.alerts == ()


def test_bytes_that_kairos_wrote_are_no_edit(read: Read) -> None:
    reading = stamped(read({"a.md": "- Two.\n"}), 50)
    ours = {"a.md": reading.sources["a.md"].sha256}
    found = look(reading, look(stamped(read({"a.md": PINNED}), 100)).notes, ours)
    assert (found.edits, found.alerts, found.changed) == ((), (), {})
    assert found.notes["a.md"].mtime_ns == 50


def test_a_note_with_a_new_name_keeps_its_origin(read: Read) -> None:
    text = "---\noriginSessionId: s1\n---\n\n- One.\n"
    known = look(stamped(read({"a.md": text}), 100)).notes
    found = look(stamped(read({"b.md": text}), 100), known)
    assert found.notes["b.md"].sessions == ("s1",)
    assert found.notes["a.md"].gone == DAY
    assert look(stamped(read({"b.md": text}), 100), found.notes).news == ()


@pytest.mark.parametrize(
    ("before", "after", "mtime_ns", "kind"),
    [
        ("- One.\n", "- Two.\n", 99, AlertKind.BACKDATED),
        ("- One.\n", "- Two.\n", 100, AlertKind.BACKDATED),
        (PINNED, PINNED.replace("Two", "Three"), 200, AlertKind.PINNED),
        (PINNED, "- One.\n", 200, AlertKind.PINNED),
        (FEEDBACK, "---\ntype: feedback\n---\n", 200, AlertKind.EMPTIED),
        (FEEDBACK, "", 200, AlertKind.EMPTIED),
    ],
)
def test_changes_that_no_agent_makes_are_alerts(
    read: Read, before: str, after: str, mtime_ns: int, kind: AlertKind
) -> None:
    assert [alert.kind for alert in later(read, before, after, mtime_ns).alerts] == [kind]
    by_agent = later(read, before, after, mtime_ns, written={"a.md": Written("s1")})
    assert by_agent.alerts == ()


@pytest.mark.parametrize(
    ("before", "after", "mtime_ns"),
    [
        (PINNED, PINNED + "- Three.\n", 200),
        (FEEDBACK, FEEDBACK.replace("Two", "Three"), 200),
        ("- One.\n", "- One.\n", 50),
        ("- One.\n", "", 200),
    ],
)
def test_ordinary_changes_are_no_alerts(read: Read, before: str, after: str, mtime_ns: int) -> None:
    assert later(read, before, after, mtime_ns).alerts == ()


def test_a_removed_pinned_note_is_an_alert(read: Read) -> None:
    known = look(stamped(read({"a.md": PINNED, "b.md": FEEDBACK, "c.md": "- C.\n"}), 100)).notes
    left = stamped(read({"c.md": "- C.\n"}), 100)
    found = look(left, known)
    assert found.alerts == (Alert("a.md", AlertKind.EMPTIED, "deleted, although it is pinned"),)
    assert look(left, found.notes).alerts == ()  # reported once
    assert look(left, known, ours={"a.md": ""}).alerts == ()
    assert look(stamped(read({"c.md": "- C.\n", "new.md": PINNED}), 100), known).alerts == ()
    unread = Reading.of(replace(left.snapshot, other_paths=frozenset({"a.md"})))
    assert look(unread, known).alerts == ()


def test_a_pinned_note_in_a_directory_that_is_not_read_is_no_alert(read: Read) -> None:
    known = look(stamped(read({"archive/a.md": PINNED, "c.md": "- C.\n"}), 100)).notes
    left = stamped(read({"c.md": "- C.\n"}), 100)
    assert look(left, known).alerts
    assert look(Reading.of(replace(left.snapshot, unseen=frozenset({"archive"}))), known).alerts == ()


def test_a_wrong_clock_is_no_alert(read: Read) -> None:
    known = look(stamped(read({"a.md": "- One.\n"}), NOW + 1)).notes
    assert look(stamped(read({"a.md": "- Two.\n"}), 500), known).alerts == ()


def test_another_owner_is_an_alert_even_without_an_edit(read: Read) -> None:
    known = look(stamped(read({"a.md": "- One.\n"}), 100)).notes
    found = look(stamped(read({"a.md": "- One.\n"}), 100, owner=8), known)
    assert found.alerts == (Alert("a.md", AlertKind.OWNER, "now belongs to user 8, no longer to 7"),)
    assert found.edits == ()


def test_a_new_alert_replaces_the_old_one() -> None:
    old = Alert("a.md", AlertKind.OWNER, "old")
    new, other = Alert("a.md", AlertKind.OWNER, "new"), Alert("a.md", AlertKind.BACKDATED, "x")
    assert with_new_alerts((old,), (new, other)) == (other, new)
