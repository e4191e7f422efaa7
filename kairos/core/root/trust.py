"""Whether a merge would raise trust. A merged entry deserves no more trust than its least trusted source.

So if one side is doubtful, a person looks first. What a note says about itself can be forged: it may lower the trust in
the note, but never raises it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from kairos.core.root.instructions import commands
from kairos.core.root.reading import Reading
from kairos.core.text.counts import count
from kairos.model import Change, Entry, Evidence, Note

_ORIGINS = ("source", "origin", "provenance")
_FROM_OUTSIDE = re.compile(
    r"(?<![a-z])(?:tools?|tool[\s_-]?(?:output|result|call|use)|web(?:page|site)?|fetched|scraped|external|untrusted)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known about how far notes can be trusted, and how old they have to be to be merged unattended.

    A note must not have changed within `min_age_days` of `today`; 0 allows any age. `changed` is the day on which
    earlier dreams first saw the latest change of each note. `outside` are the notes with words that a tool brought in.
    `alerted` are the notes about which there is an alert that nobody has acknowledged. None of these can be forged by
    what a note says or by the time of its file.
    """

    today: date = date.max
    min_age_days: int = 0
    changed: Mapping[str, date] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()
    alerted: frozenset[str] = frozenset()

    def waits(self, a: Entry, b: Entry, reading: Reading) -> str:
        """Return why a person has to look before one of two entries takes the place of the other; "" for no reason."""
        doubts = (self._doubt(entry.path, (entry,), reading) for entry in (a, b))
        return next(filter(None, doubts), "") or _lone_command(a, b, reading)

    def waits_as_twins(self, a: str, b: str, reading: Reading) -> str:
        """Return why a person has to look before one of two byte-identical files goes; "" for no reason."""
        doubts = (self._doubt(path, reading.notes[path].entries, reading) for path in (a, b))
        return next(filter(None, doubts), "")

    def waits_for_alert(self, path: str) -> str:
        """Return why a person has to look at a note, of which no part may go until then; "" for no reason."""
        return f"there is an alert about {path} that is not marked as seen" if path in self.alerted else ""

    def _doubt(self, path: str, entries: Iterable[Entry], reading: Reading) -> str:
        """Return what speaks against some entries of a note, regardless of any other note; "" for nothing."""
        alert = self.waits_for_alert(path)
        if alert:
            return alert
        if self._is_young(path, entries, reading):
            return f"{path} is younger than {count(self.min_age_days, 'day')}"
        if _is_from_outside(reading.notes[path]):
            return f"{path} says that it came from a tool"
        if path in self.outside:
            return f"{path} repeats what a tool brought in from outside, according to the transcript of its session"
        return ""

    def _is_young(self, path: str, entries: Iterable[Entry], reading: Reading) -> bool:
        """Whether a note is too young, by its dates, its file, or when a dream saw it change: the latest counts."""
        if not self.min_age_days:
            return False
        written = datetime.fromtimestamp(reading.sources[path].mtime_ns / 1e9, UTC).date()
        seen = self.changed.get(path, written)
        day = max(written, seen, *(entry.dated.day for entry in entries if entry.dated))
        return day > self.today - timedelta(days=self.min_age_days)


def doubted(change: Change, reason: str) -> Change:
    """Return a change that is to wait, with the reason (if any) added to its evidence."""
    return replace(change, evidence=(*change.evidence, Evidence("trust", reason))) if reason else change


def _is_from_outside(note: Note) -> bool:
    fields = note.front.fields if note.front else {}
    return any(_FROM_OUTSIDE.search(text) for name in _ORIGINS for text in _texts(fields.get(name)))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    values = value if isinstance(value, list | tuple) else (value,)
    return (item for item in values if isinstance(item, str))


def _lone_command(a: Entry, b: Entry, reading: Reading) -> str:
    """Return why a person has to look at a command to an agent that no second note gives; "" for no reason."""
    ours, theirs = (commands(_full_text(entry, reading.note_of(entry))) for entry in (a, b))
    alone = (ours | theirs) if a.path == b.path else ours ^ theirs
    if not alone:
        return ""
    entry = a if alone & ours else b
    said = f"reads like an instruction to an agent that {min(alone)}, and no other note says so"
    return f"{entry.path}:{entry.line} {said}"


def _full_text(entry: Entry, note: Note) -> str:
    """Return all of an entry that an agent reads: also its code and comments, and the head of a one-fact note."""
    head = f"{note.title}\n{note.description}" if note.is_fact else ""
    return f"{entry.raw}\n{entry.text}\n{head}"
