"""Where each note comes from, as far as that can be known, and what was done to it between dreams.

The history of a note is what earlier dreams saw, what the journal knows, and what the agent's transcripts say. What a
note says about itself counts for nothing, except that it may name a session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from kairos.core.markdown.links import is_below
from kairos.core.root.figures import Alert, AlertKind
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Note, Source

_USER_TYPES = frozenset({"user", "feedback"})
"""Types of notes that hold what the user said; no agent has a reason to empty one."""
_LONGEST_NAME = 100
_REMOVED = ""
"""Takes the place of the sha256 for a file that Kairos itself removed."""


class Author(StrEnum):
    """Who changed a note between two dreams."""

    AGENT = "agent"  # a session, by its transcript
    SOMEBODY = "somebody"  # a person, or an agent that left no trace


@dataclass(frozen=True, slots=True)
class KnownNote:
    """What is remembered of a note: its state when it was last seen, and where it comes from.

    `sessions` are those that wrote it, by their transcripts or by its own front matter. With `outside`, one of them
    took its words from a tool that reads what others write. `changed` is the day on which the last change that Kairos
    did not make was first seen; None for a note that was there from the beginning. `kept` are the digests of the
    entries of a guarded note: nobody should remove all of them or, if it is `pinned`, any. `gone` is the day from which
    it was missing.
    """

    path: str
    sha256: str
    mtime_ns: int
    owner: int | None = None
    sessions: tuple[str, ...] = ()
    outside: bool = False
    changed: date | None = None
    kept: frozenset[str] = frozenset()
    pinned: bool = False
    gone: date | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a transcript says about a note: which session wrote it, and whether its words came from outside."""

    session: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class NoteEdit:
    """A change to a note between two dreams."""

    path: str
    author: Author
    session: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a look at a root adds to what is known of its notes.

    `notes` are all notes as they are known now, `news` those of them that are new or changed. `edits` are the changes
    that Kairos did not make, `alerts` what no agent has a reason to do.
    """

    notes: Mapping[str, KnownNote] = field(default_factory=dict)
    news: tuple[KnownNote, ...] = ()
    edits: tuple[NoteEdit, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def outside(self) -> frozenset[str]:
        """The notes whose words came from outside."""
        return frozenset(path for path, note in self.notes.items() if note.outside)

    @property
    def changed(self) -> dict[str, date]:
        """The day on which a dream first saw the last change of each note, where there was one."""
        return {path: note.changed for path, note in self.notes.items() if note.changed}


Writers = Callable[[frozenset[str]], Mapping[str, Written]]
"""Finds out, for some paths, who wrote them recently."""


@dataclass(frozen=True, slots=True)
class Lookback:
    """Compares a reading with what is known. `ours` returns the sha256 of what Kairos itself left in some files.

    `now_ns` is the time of this look. A remembered file time later than that means that the clock was wrong, and is no
    sign of a backdated note.
    """

    known: Mapping[str, KnownNote]
    ours: Callable[[frozenset[str]], Mapping[str, str]]
    writers: Writers
    today: date
    now_ns: int

    def look(self, reading: Reading) -> Provenance:
        """Return what is new. The first look at a root only records what it finds."""
        sources = {path: s for path, s in reading.sources.items() if s.role in JUDGED_ROLES}
        differs = frozenset(path for path, source in sources.items() if self._differs(source))
        gone = {
            p: replace(n, gone=self.today) for p, n in self.known.items() if not n.gone and p not in sources
        }
        lost = self._missing_pinned(gone, reading)
        ours = self.ours(differs | lost) if self.known and differs | lost else {}
        foreign = frozenset(
            p for p in differs if ours.get(p) != sources[p].sha256 and self._is_rewritten(sources[p])
        )
        written = self.writers(foreign) if self.known and foreign else {}
        by_bytes = {note.sha256: note for note in self.known.values()}
        news = {
            path: self._known_note(
                reading.notes[path],
                sources[path],
                self.known.get(path) or by_bytes.get(sources[path].sha256),  # the same bytes under a new name
                written.get(path),
                is_foreign=path in foreign,
            )
            for path in sorted(differs)
        }
        edits = [_edit(path, written.get(path)) for path in sorted(foreign)] if self.known else []
        unexplained = foreign - written.keys()
        alerts = [
            alert
            for path in sorted(differs)
            for alert in self._alerts(sources[path], reading.notes[path], unexplained=path in unexplained)
        ]
        taken = sorted(path for path in lost if ours.get(path) != _REMOVED)
        alerts += (Alert(path, AlertKind.EMPTIED, "deleted, although it is pinned") for path in taken)
        return Provenance(
            {**self.known, **gone, **news}, (*news.values(), *gone.values()), tuple(edits), tuple(alerts)
        )

    def _missing_pinned(self, gone: Mapping[str, KnownNote], reading: Reading) -> frozenset[str]:
        """Return the pinned notes that are missing: neither unread nor present under another name."""
        there = {source.sha256 for source in reading.sources.values()} if gone else set()
        snapshot = reading.snapshot
        return frozenset(
            path
            for path, note in gone.items()
            if note.pinned
            and note.sha256 not in there
            and path not in snapshot.other_paths
            and not is_below(path, snapshot.unseen)
        )

    def _differs(self, source: Source) -> bool:
        known = self.known.get(source.path)
        now = (source.sha256, source.mtime_ns, source.owner)
        return known is None or known.gone is not None or (known.sha256, known.mtime_ns, known.owner) != now

    def _is_rewritten(self, source: Source) -> bool:
        known = self.known.get(source.path)
        return known is None or known.sha256 != source.sha256

    def _known_note(
        self,
        note: Note,
        source: Source,
        before: KnownNote | None,
        written: Written | None,
        *,
        is_foreign: bool,
    ) -> KnownNote:
        said = (*(before.sessions if before else ()), note.session, written.session if written else "")
        changed = self.today if self.known and is_foreign else before and before.changed
        return KnownNote(
            path=source.path,
            sha256=source.sha256,
            mtime_ns=source.mtime_ns,
            owner=source.owner,
            sessions=tuple(dict.fromkeys(filter(None, map(_session_name, said)))),
            outside=bool((before and before.outside) or (written and written.outside)),
            changed=changed or None,
            kept=_guarded_digests(note),
            pinned=_is_pinned(note),
        )

    def _alerts(self, source: Source, note: Note, *, unexplained: bool) -> Iterator[Alert]:
        known = self.known.get(source.path)
        if known is None or known.gone:
            return
        if None not in {known.owner, source.owner} and known.owner != source.owner:
            words = f"now belongs to user {source.owner}, no longer to {known.owner}"
            yield Alert(source.path, AlertKind.OWNER, words)
        if not unexplained:
            return
        if source.mtime_ns <= known.mtime_ns <= self.now_ns:
            yield Alert(
                source.path, AlertKind.BACKDATED, "changed, but its modification time is no later than before"
            )
        if known.kept and not note.entries:
            yield Alert(
                source.path, AlertKind.EMPTIED, "emptied, although it is pinned or holds what the user said"
            )
        elif known.pinned and known.kept - _digests(note):
            yield Alert(source.path, AlertKind.PINNED, "partly rewritten, although it is pinned")


def merged_notes(changes: Iterable[Change]) -> tuple[tuple[str, str], ...]:
    """Return (survivor, merged note) for each merge between two notes: the survivor inherits the other's origins."""
    pairs = (
        (change.witness.place.file, change.subject.file)
        for change in changes
        if change.witness is not None and change.kind is ChangeKind.MERGE
    )
    return tuple((kept, dropped) for kept, dropped in dict.fromkeys(pairs) if kept != dropped)


def _edit(path: str, written: Written | None) -> NoteEdit:
    return (
        NoteEdit(path, Author.AGENT, _session_name(written.session))
        if written
        else NoteEdit(path, Author.SOMEBODY)
    )


def _session_name(session: str) -> str:
    """Return the name of a session on one line and cut to length: a note or a transcript may say anything there."""
    return " ".join(session.encode("utf-8", "replace").decode().split())[:_LONGEST_NAME]


def _is_pinned(note: Note) -> bool:
    return bool(note.front and note.front.fields.get("pinned"))


def _guarded_digests(note: Note) -> frozenset[str]:
    """Return the digests of the entries that a note should not lose between dreams."""
    return _digests(note) if _is_pinned(note) or note.type in _USER_TYPES else frozenset()


def _digests(note: Note) -> frozenset[str]:
    return frozenset(entry.digest for entry in note.entries)


def with_new_alerts(before: Sequence[Alert], found: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the open alerts: those `before` that nobody has acknowledged yet, and those `found` now.

    A new alert replaces an earlier one of the same path and kind.
    """
    by_name = {(alert.path, alert.kind): alert for alert in (*before, *found)}
    return tuple(by_name[name] for name in sorted(by_name))
