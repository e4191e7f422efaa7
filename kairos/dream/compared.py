"""Which entries of a root are compared: no pointers, no fragments, nothing that is read-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from kairos.core.facts import FileFacts
from kairos.core.pointers import pointer_ids
from kairos.core.reading import Reading, claims_of
from kairos.model import Claim, Entry, Role


def compared(reading: Reading) -> dict[str, Entry]:
    """Return the entries of a reading that are compared, by their ids."""
    found = dict(reading.entries)
    for id_ in chain(
        reading.once(pointer_ids), *(facts.bearing.unjudged for facts in reading.facts.values())
    ):
        found.pop(id_, None)
    return found


def compared_claims(reading: Reading) -> list[Claim]:
    """Return the claims of all entries of a reading that are compared, in order."""
    return claims_of(reading, reading.once(compared))


def likely_compared(files: Iterable[FileFacts]) -> Iterator[str]:
    """Yield the texts of files that will be compared, as far as their root need not be known for that."""
    for facts in files:
        if facts.note.role is not Role.INDEX:  # which mostly points
            left = frozenset(facts.bearing.unjudged)
            judged = {entry.id: entry.text for entry in facts.note.entries if entry.id not in left}
            yield from (claim.embedded for claim in facts.claims if claim.entry_id in judged)
            yield from judged.values()


def compare_the_same(one: Reading, other: Reading) -> bool:
    """Whether in two readings the same entries are compared, where they stood: most plans edit an index, or what Kairos
    writes itself. What a look finds out of pairs follows from these entries and their files alone."""
    ours, theirs = one.once(compared), other.once(compared)
    return ours.keys() == theirs.keys() and changed_ids(one, other).isdisjoint(ours)


def changed_ids(one: Reading, other: Reading) -> frozenset[str]:
    """Return the ids of the entries of all files that are not the same in two readings."""
    return frozenset(
        entry.id
        for path in one.notes.keys() | other.notes.keys()
        if one.facts.get(path) is not other.facts.get(path)
        for note in (one.notes.get(path), other.notes.get(path))
        if note is not None
        for entry in note.entries
    )
