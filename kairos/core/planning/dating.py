"""The changes that make the relative dates of a root absolute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kairos.core.planning.select import Selection
from kairos.core.root.reading import Reading, place
from kairos.core.text.keys import content_key
from kairos.model import Change, ChangeKind, Entry, Evidence, Role, Splice

_OTHERS = frozenset({Role.MANAGED, Role.SUBINDEX, Role.READ_ONLY})


def date_changes(reading: Reading, selection: Selection) -> Iterator[Change]:
    """Yield the changes that make relative dates absolute, for all entries that stay after `selection`.

    Protected notes are skipped: their wording is up to their owner.
    """
    for path, facts in reading.facts.items():
        if not facts.datings or facts.note.role in _OTHERS or facts.note.protected:
            continue
        for entry in reading.notes[path].entries:
            found = facts.datings.get(entry.id)
            if found and selection.is_free(entry):
                yield _change(entry, found)


def _change(entry: Entry, found: Sequence[tuple[Splice, Evidence]]) -> Change:
    evidence = tuple(item for _, item in found)
    return Change(
        key=content_key("date", entry.path, entry.digest),
        kind=ChangeKind.DATE,
        reason="; ".join(item.text for item in evidence),
        edits=tuple(splice for splice, _ in found),
        subject=place(entry),
        evidence=evidence,
    )
