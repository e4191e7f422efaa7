"""Changes to the index and to the note of conflicts that a person took back: they are not made again.

A line that was added, mended or removed is recognised by its change. What differs from dream to dream is recognised by
its parts: the lines that moved to a sub-index, and the conflicts that the managed note showed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kairos.core.change.permission import REPORT_IT, UNSOUND, approve_anyway
from kairos.core.root.conflicts_note import CONFLICTS_NOTE
from kairos.core.root.credentials import redacted
from kairos.core.text.counts import count
from kairos.model import Change, ChangeKind, Conflict, CreateFile, RemoveFile, Skip, Splice

_MAX_NAMED = 3
_CONFLICT_HEADING = re.compile(r"^## ([0-9a-f]{10})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Changes that were taken back.

    `verdicts` has the verdict on each, by its key. `lines` and `conflicts` lead from a line that moved to a sub-index,
    and from the id of a conflict that was shown, to such a key.
    """

    verdicts: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, changes: Sequence[Change], verdicts: Mapping[str, str], again: Collection[str] = ()
    ) -> TakenBack:
        """Collect what these taken-back changes did; `verdicts` has the verdict on each.

        What the changes with the keys `again` did is wanted after all, even if others of them did it, too.
        """
        mine = [change for change in changes if change.key not in again]
        asked = [change for change in changes if change.key in again]
        back = {line for change in asked for line in _lines_moved(change)}
        shown = {id_ for change in asked for id_ in _conflicts_shown(change)}
        return cls(
            {change.key: verdicts.get(change.key, "undone") for change in mine},
            {line: change.key for change in mine for line in _lines_moved(change) if line not in back},
            {id_: change.key for change in mine for id_ in _conflicts_shown(change) if id_ not in shown},
        )

    def refusal(self, key: str, what: str, left: str, text: str = "") -> Skip | None:
        """Return a skip, with a reason that begins with `left`, if a change was taken back; None if it may be made.

        `text` is the line that the change is about, if there is one.
        """
        return self._skip(what, left, key, text) if key in self.verdicts else None

    def holds(self, line: str) -> bool:
        """Whether a line was brought back from a sub-index."""
        return bool(self.lines) and self.key_of(line) is not None

    def staying(self, path: str, lines: Iterable[str]) -> Iterator[Skip]:
        """Yield a skip for each change that moved some of these `lines`; their index is over its budget."""
        for key, number in Counter(filter(None, map(self.key_of, lines))).items():
            stay = count(number, "of its pointers stays: moving it", "of its pointers stay: moving them")
            yield self._skip(path, f"it is over its budget, and {stay} to a sub-index", key)

    def hidden(
        self, conflicts: Iterable[Conflict], note: bytes | None
    ) -> tuple[Collection[str], tuple[Skip, ...]]:
        """Return the ids of the conflicts that are not to be shown, and the skips that say so.

        They were shown by a note that was taken back, and the `note` as it stands does not show them.
        """
        standing = shown_in(note or b"")
        found = {c.id: key for c in conflicts if (key := self.conflicts.get(c.id)) and c.id not in standing}
        by_key: dict[str, list[str]] = {}
        for id_, key in found.items():
            by_key.setdefault(key, []).append(id_)
        return found.keys(), tuple(
            self._skip(CONFLICTS_NOTE, f"{_left_out(ids)} to the agent", key) for key, ids in by_key.items()
        )

    def key_of(self, line: str) -> str | None:
        """Return the key of the change that moved a line to a sub-index and was taken back, if any."""
        first = line.partition("\n")[0].rstrip("\r")
        return self.lines.get(first) or self.lines.get(redacted(first))  # the journal redacts credentials

    def _skip(self, what: str, reason: str, key: str, text: str = "") -> Skip:
        word = self.verdicts[key]
        if word.startswith(UNSOUND):
            return Skip(what, f"{reason} is {word}", REPORT_IT, text)
        return Skip(what, f"{reason} was {word} before", approve_anyway(key), text, key)


def _left_out(ids: Sequence[str]) -> str:
    """Return how a reason begins for conflicts that are left out; only the first few are named by their ids."""
    if len(ids) == 1:
        return f"the open conflict {ids[0]} is left out: showing it"
    more = f" and {len(ids) - _MAX_NAMED} more" if len(ids) > _MAX_NAMED else ""
    return f"the open conflicts {', '.join(ids[:_MAX_NAMED])}{more} are left out: showing them"


def shown_in(note: bytes) -> frozenset[str]:
    """Return the ids of the conflicts that a managed note shows."""
    return frozenset(_CONFLICT_HEADING.findall(note.decode("utf-8", "replace")))


def answers(change: Change, asked: Change) -> bool:
    """Whether a change is the one that was asked for: the same, or the one that now writes the same managed file."""
    return change.key == asked.key or (
        not asked.subject.text and (change.kind, change.subject) == (asked.kind, asked.subject)
    )


def _lines_moved(change: Change) -> Iterator[str]:
    """Yield the lines that a change moved to a sub-index, if it is such a change."""
    if change.kind is ChangeKind.INDEX and not change.subject.text:
        for edit in change.edits:
            if edit.path == change.subject.file and not isinstance(edit, RemoveFile):
                written = edit.text if isinstance(edit, Splice) else edit.data
                yield from filter(None, written.decode("utf-8", "replace").splitlines())


def _conflicts_shown(change: Change) -> frozenset[str]:
    return frozenset().union(
        *(
            shown_in(edit.data)
            for edit in change.edits
            if change.kind is ChangeKind.CONFLICTS and isinstance(edit, CreateFile)
        )
    )
