"""Whether a merge would raise trust: what stays must deserve as much of it as what goes.

The trust of a merged entry is the lowest of its sources. So where only one side is doubtful, a person looks first. What
a note says of itself can be forged: it may lower the trust in a note, and never raises it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from kairos.core.instructions import commands
from kairos.core.reading import Reading
from kairos.model import Entry, Note

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
        for entry in (a, b):
            if self._is_young(entry, reading):
                return f"{entry.path} is younger than {self.min_age_days} days"
            if _is_from_outside(reading.note_of(entry)):
                return f"{entry.path} says that it came from a tool"
            if entry.path in self.outside:
                return (
                    f"{entry.path} repeats what a tool brought from outside, by the transcript of the session"
                )
        return _unsupported(a, b, reading)

    def _is_young(self, entry: Entry, reading: Reading) -> bool:
        """Whether a note is too young, by what it says, by its file, or by what was seen of it: the latest counts."""
        if not self.min_age_days:
            return False
        written = datetime.fromtimestamp(reading.sources[entry.path].mtime_ns / 1e9, UTC).date()
        seen = self.changed.get(entry.path, written)
        day = max(written, seen, entry.dated.day) if entry.dated else max(written, seen)
        return day > self.today - timedelta(days=self.min_age_days)


def _is_from_outside(note: Note) -> bool:
    fields = note.front.fields if note.front else {}
    return any(_FROM_OUTSIDE.search(text) for name in _ORIGINS for text in _texts(fields.get(name)))


def _texts(value: object) -> Iterable[str]:
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
