"""What dreams see in a note and leave as it is: links that lead nowhere, and relative days of an unknown day.

Of a pointer of the index, which dreams mend, nothing is said here. Neither is anything said of a wiki link that leads
nowhere: agents write it for a note that is yet to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kairos.core.dates.relative import may_mean_nowadays, unknown_day, words_for_days, words_for_now
from kairos.core.markdown.links import Directory, Link, LinkForm
from kairos.core.root.credentials import redacted
from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import pointers
from kairos.model import Role

_WRITTEN_BY_PEOPLE = frozenset({Role.INDEX, Role.NOTE, Role.DAILY, Role.SECTIONS})
_LINKS = frozenset({LinkForm.INLINE, LinkForm.REFERENCE})

_NOWADAYS = "outside a log of that day, it may mean nowadays"


class LeftAsIs(NamedTuple):
    """Something in a line of a note that dreams leave as it is: a "link" or a "date", in its own `words`, and why."""

    kind: str
    file: str
    line: int
    words: str
    why: str


def left_as_is(facts: FileFacts, known: Directory, *, dates: bool = True) -> tuple[LeftAsIs, ...]:
    """Return what dreams leave as it is in a file, by line. Without `dates`, only links are looked for."""
    if facts.note.role not in _WRITTEN_BY_PEOPLE:
        return ()
    found = [*_broken_links(facts, known), *(_relative_days(facts) if dates else ())]
    return tuple(sorted(found, key=lambda one: one.line))


def _broken_links(facts: FileFacts, known: Directory) -> Iterator[LeftAsIs]:
    source = facts.source
    pointing = {link.span for pointer in pointers(facts, known) for link in pointer.links}
    for link in facts.links:
        is_broken = link.form in _LINKS and known.resolve(link, source.path) is None
        if is_broken and _names_a_file(link) and link.span not in pointing:
            line = source.data.count(b"\n", 0, link.span.start) + 1
            why = "it leads nowhere, and dreams mend only the pointers of an index"
            yield LeftAsIs("link", source.path, line, redacted(link.target), why)


def _names_a_file(link: Link) -> bool:
    """Whether a target looks like a path: `[0-9](x)` in a regular expression is no link."""
    return "." in link.target or "/" in link.target


def _relative_days(facts: FileFacts) -> Iterator[LeftAsIs]:
    note = facts.note
    for entry in note.entries:
        why = unknown_day(note, entry) or ("the words of a protected note are left to you" * note.protected)
        why_now = why or _NOWADAYS * may_mean_nowadays(note, entry)
        found = [(start, words, why) for start, words in words_for_days(entry.raw) if why]
        found += [(start, words, why_now) for start, words in words_for_now(entry.raw) if why_now]
        for start, words, reason in found:
            yield LeftAsIs("date", note.path, entry.line + entry.raw.count("\n", 0, start), words, reason)
