"""Whether a merge would raise trust: what stays must deserve as much of it as what goes.

The trust of a merged entry is the lowest of its sources. So where only one side is doubtful, a person looks first. What
a note says of itself can be forged: it may lower the trust in a note, and never raises it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from kairos.core.root.instructions import commands
from kairos.core.root.reading import Reading
from kairos.model import Change, Entry, Evidence, Note

_ORIGINS = ("source", "origin", "provenance")
_FROM_OUTSIDE = re.compile(
    r"(?<![a-z])(?:tools?|tool[\s_-]?(?:output|result|call|use)|web(?:page|site)?|fetched|scraped|external|untrusted)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """How long a note has to have stood before it is merged unattended: `min_age_days` before `today`; 0 is any age.

    `changed` tells when earlier dreams first saw the latest change of a note, `outside` which notes hold what a tool
    brought: neither can be forged by what a note says, or by the time of its file.
    """

    today: date = date.max
    min_age_days: int = 0
    changed: Mapping[str, date] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()

    def waits(self, a: Entry, b: Entry, reading: Reading) -> str:
        """Return why a person has to look before one of two entries takes the place of the other; "" for no reason."""
        doubts = (self._doubt(entry.path, (entry,), reading) for entry in (a, b))
        return next(filter(None, doubts), "") or _unsupported(a, b, reading)

    def waits_as_twins(self, a: str, b: str, reading: Reading) -> str:
        """Return why a person has to look before one of two files that hold the same bytes goes; "" for no reason."""
        doubts = (self._doubt(path, reading.notes[path].entries, reading) for path in (a, b))
        return next(filter(None, doubts), "")

    def _doubt(self, path: str, entries: Iterable[Entry], reading: Reading) -> str:
        """Return what speaks against some entries of a note, whatever another note says; "" for nothing."""
        if self._is_young(path, entries, reading):
            return f"{path} is younger than {self.min_age_days} days"
        if _is_from_outside(reading.notes[path]):
            return f"{path} says that it came from a tool"
        if path in self.outside:
            return f"{path} repeats what a tool brought from outside, by the transcript of the session"
        return ""

    def _is_young(self, path: str, entries: Iterable[Entry], reading: Reading) -> bool:
        """Whether a note is too young, by what it says, by its file, or by what was seen of it: the latest counts."""
        if not self.min_age_days:
            return False
        written = datetime.fromtimestamp(reading.sources[path].mtime_ns / 1e9, UTC).date()
        seen = self.changed.get(path, written)
        day = max(written, seen, *(entry.dated.day for entry in entries if entry.dated))
        return day > self.today - timedelta(days=self.min_age_days)


def doubted(change: Change, reason: str) -> Change:
    """Return a change that is to wait, with the reason in its evidence if there is one."""
    return replace(change, evidence=(*change.evidence, Evidence("trust", reason))) if reason else change


def _is_from_outside(note: Note) -> bool:
    fields = note.front.fields if note.front else {}
    return any(_FROM_OUTSIDE.search(text) for name in _ORIGINS for text in _texts(fields.get(name)))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    values = value if isinstance(value, list | tuple) else (value,)
    return (item for item in values if isinstance(item, str))


def _unsupported(a: Entry, b: Entry, reading: Reading) -> str:
    """Return what one entry tells an agent to do that the other, in another note, does not say as well."""
    ours, theirs = (commands(_whole(entry, reading.note_of(entry))) for entry in (a, b))
    alone = (ours | theirs) if a.path == b.path else ours ^ theirs
    if not alone:
        return ""
    entry = a if alone & ours else b
    return f"{entry.path}:{entry.line} reads like an order to an agent that {min(alone)}, and no other note says so"


def _whole(entry: Entry, note: Note) -> str:
    """Return all that an agent reads of an entry, its code and comments too, and the head of a one-fact note."""
    head = f"{note.title}\n{note.description}" if note.is_fact else ""
    return f"{entry.raw}\n{entry.text}\n{head}"
