"""What follows from one file alone. Most files do not change from one look to the next, nor between dreams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

from kairos.core.dates.relative import absolute_dates
from kairos.core.dates.today import Today
from kairos.core.markdown.claims import claims, statement
from kairos.core.markdown.links import Link, links
from kairos.core.markdown.parse import day_of, parse
from kairos.core.root.credentials import Credential, credentials
from kairos.core.root.line_forms import LineForms, line_forms
from kairos.core.root.purpose import Purpose, purpose
from kairos.core.staleness.stale import stale
from kairos.core.text.wording import Wording, wording
from kairos.model import Claim, Dated, Entry, Evidence, Finding, Note, Source, Splice, Statement

T = TypeVar("T")
G = TypeVar("G")

Datings = Mapping[str, tuple[tuple[Splice, Evidence], ...]]
_FACTS_OF_BYTES = frozenset({"links", "claims", "datings", "credentials", "purpose", "wording", "line_forms"})
"""Facts that follow from the bytes of a file alone, whatever its modification time."""


class Stale(NamedTuple):
    """The stale findings of a file, which are the same on every day from `since` to `through`, both included."""

    since: date
    through: date
    found: tuple[Finding, ...]


class Asked(NamedTuple):
    """Facts that are computed only on demand: what is stale, how the file writes its words, and its lines as forms."""

    stale: Stale | None = None
    wording: Wording | None = None
    line_forms: LineForms | None = None


class Statements(dict[str, Statement]):
    """The statements of a note's entries by their ids, each made on first use."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self._note = note

    def __missing__(self, id_: str) -> Statement:
        """Make the statement of one entry."""
        self[id_] = made = statement(self._entries[id_], self._note)
        return made

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self._note.entries}


class FileFacts:
    """The note that a file holds, and what follows from it: each fact is computed on first use and then cached."""

    _known: Asked | None = None

    def __init__(self, source: Source) -> None:
        self.source = source
        self.note: Note = parse(source)
        self._stale: Stale | None = None

    def of(self, source: Source) -> FileFacts | None:
        """Return these facts for a file with the same path, role and bytes; None for any other file.

        They may have been kept without the bytes. The modification time matters only by its day, and only if nothing
        else dates the note.
        """
        ours, dated = self.source, self.note.dated
        if ours is source:
            return self
        if (ours.path, ours.sha256, ours.role) != (source.path, source.sha256, source.role):
            return None
        if dated is not None and dated.basis == "mtime" and dated.day != day_of(source.mtime_ns):
            return self._redated(source)
        self.source = source
        return self

    def _redated(self, source: Source) -> FileFacts:
        """Return the facts of the same bytes, written on another day."""
        dated = Dated(day_of(source.mtime_ns), "mtime")
        before = self.note.dated
        entries = tuple(
            entry._replace(dated=dated) if entry.dated == before else entry for entry in self.note.entries
        )
        made = FileFacts.__new__(FileFacts)
        vars(made).update(
            {name: value for name, value in vars(self).items() if name in _FACTS_OF_BYTES},
            source=source,
            note=self.note._replace(dated=dated, entries=entries),
            _stale=None,
        )
        return made

    @classmethod
    def known(
        cls,
        source: Source,
        note: Note,
        links: tuple[Link, ...],
        claims: tuple[Claim, ...],
        datings: Datings,
        *,
        purpose: Purpose,
        asked: Asked,
    ) -> FileFacts:
        """Return facts that were kept from earlier, of a file without credentials; `source` needs no bytes."""
        made = cls.__new__(cls)
        made.source, made.note = source, note
        made.links, made.claims, made.datings = links, claims, datings
        made.purpose, made.credentials = purpose, ()
        made.asked = asked
        return made

    @property
    def tells_more(self) -> bool:
        """Whether more is known than when the facts were restored by `known`; true if they were not."""
        return self._known != self.asked

    @property
    def asked(self) -> Asked:
        """The facts that are computed on demand, as far as they are known."""
        known = vars(self)
        return Asked(self._stale, known.get("wording"), known.get("line_forms"))

    @asked.setter
    def asked(self, asked: Asked) -> None:
        """Restore facts that were computed earlier."""
        self._known, self._stale = asked, asked.stale
        if asked.wording is not None:
            self.wording = asked.wording
        if asked.line_forms is not None:
            self.line_forms = asked.line_forms

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The local links of the file."""
        return links(self.source)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims of all entries."""
        return claims(self.note)

    @cached_property
    def purpose(self) -> Purpose:
        """What the entries are for."""
        return purpose(self.note)

    @cached_property
    def wording(self) -> Wording:
        """How the note writes its words."""
        return wording(self.note.entries, self.note.description)

    @cached_property
    def line_forms(self) -> LineForms:
        """The lines of the note, to be compared with those of notes of the same form."""
        return line_forms(self.note.entries)

    @cached_property
    def statements(self) -> Statements:
        """What the judge sees of each entry, by its id."""
        return Statements(self.note)

    def forget_statements(self) -> None:
        """Drop the cached statements; each is made again when it is needed."""
        vars(self).pop("statements", None)

    def cached_for(self, find: Callable[[FileFacts, G], T], given: G) -> T:
        """Return `find(self, given)`. The last result of each `find` is cached, and reused while `given` is equal."""
        if find not in self._last_results or self._last_results[find][0] != given:
            self._last_results[find] = given, find(self, given)
        return cast("T", self._last_results[find][1])

    @cached_property
    def _last_results(self) -> dict[Callable[[FileFacts, Any], Any], tuple[Any, Any]]:
        return {}

    @cached_property
    def credentials(self) -> tuple[Credential, ...]:
        """The credentials in the text of the file."""
        return credentials(self.source.data.decode("utf-8", "replace"))

    @cached_property
    def datings(self) -> Datings:
        """The edits that make relative dates absolute, by entry id; entries without such dates are left out."""
        found = {entry.id: absolute_dates(self.note, entry, self.source.data) for entry in self.note.entries}
        return {id_: edits for id_, edits in found.items() if edits}

    def stale(self, today: date, exists: Callable[[str], bool]) -> tuple[Finding, ...]:
        """Return what of the note is stale on `today`; `exists` tells whether the root has a path."""
        if self._stale is not None and self._stale.since <= today <= self._stale.through:
            return self._stale.found
        asked: list[str] = []

        def is_there(path: str) -> bool:
            asked.append(path)
            return exists(path)

        day = Today(today)
        found = stale(self.note, today=day, exists=is_there)
        if not asked:  # otherwise it also depends on which other files exist
            self._stale = Stale(today, day.through, found)
        return found
