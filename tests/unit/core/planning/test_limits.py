"""No date makes a file longer than its agent allows."""

from __future__ import annotations

import pytest

from kairos.core.markdown.sections import length
from kairos.core.planning.limits import within_limits
from kairos.core.root.reading import Reading, place
from kairos.model import Change, ChangeKind, Role, Snapshot, Source, Span, Splice

PATH = "MEMORY.md"


def reading_of(*entries: str) -> Reading:
    data = "\n§\n".join(entries).encode()
    return Reading.of(Snapshot("/root", "hermes", (Source(PATH, data, "", 0, 0o644, Role.SECTIONS),)))


def dating(reading: Reading, at: int, word: str, day: str) -> Change:
    entry = reading.notes[PATH].entries[at]
    start = entry.span.start + entry.raw.encode().index(word.encode())
    splice = Splice(PATH, Span(start, start + len(word.encode())), day.encode())
    return Change(f"date{at}", ChangeKind.DATE, f'"{word}" is "{day}"', (splice,), place(entry))


def removing(reading: Reading, at: int) -> Change:
    entry = reading.notes[PATH].entries[at]
    return Change(f"gone{at}", ChangeKind.PRUNE, "is stale", (Splice(PATH, entry.span, b""),), place(entry))


def keys(reading: Reading, changes: list[Change], limit: int) -> list[str]:
    return [change.key for change in within_limits(changes, reading, {PATH: limit})[0]]


@pytest.mark.parametrize(
    ("room", "kept"), [(0, []), (4, ["date1"]), (9, ["date1"]), (10, ["date0", "date1"])]
)
def test_the_dates_that_add_the_least_come_first(room: int, kept: list[str]) -> None:
    reading = reading_of("It failed today.", "It worked yesterday.")
    dates = [dating(reading, 0, "today", "2026-11-03 "), dating(reading, 1, "yesterday", "on 2026-11-02")]
    before = length(reading.sources[PATH].data)
    assert keys(reading, dates, before + room) == kept


def test_what_goes_makes_room() -> None:
    reading = reading_of("It failed today.", "Gone.")
    changes = [dating(reading, 0, "today", "on 2026-11-03"), removing(reading, 1)]
    limit = length(reading.sources[PATH].data)
    assert keys(reading, changes[:1], limit) == []
    assert keys(reading, changes, limit) == ["date0", "gone1"]


def test_a_file_that_is_too_long_may_stay_so_but_not_grow() -> None:
    reading = reading_of("It failed today.", "Ended the day before yesterday.")
    dates = [
        dating(reading, 0, "today", "on 2026-11-03"),
        dating(reading, 1, "the day before yesterday", "2026-11-01"),
    ]
    kept, skipped = within_limits(dates[:1], reading, {PATH: 5})
    assert kept == ()
    assert [(skip.what, skip.text) for skip in skipped] == [("MEMORY.md:1", "It failed today.")]
    assert "the 5 characters" in skipped[0].reason
    assert keys(reading, dates, 5) == ["date0", "date1"]


def test_other_files_have_no_limit() -> None:
    reading = reading_of("It failed today.")
    date = dating(reading, 0, "today", "on 2026-11-03")
    assert within_limits([date], reading, {"USER.md": 1}) == ((date,), ())
