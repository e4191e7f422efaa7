"""Which entries of a root are compared: no pointers, no fragments, nothing read-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import pointer_ids
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading, path_of
from kairos.model import Claim, Entry, Role


def compared(reading: Reading) -> dict[str, Entry]:
    """Return the entries of a reading that are compared, by id."""
    found = dict(reading.entries)
    for id_ in reading.derived(_uncompared):
        found.pop(id_, None)
    return found


def _uncompared(reading: Reading) -> frozenset[str]:
    unjudged = chain.from_iterable(facts.purpose.unjudged for facts in reading.facts.values())
    return frozenset(chain(reading.derived(pointer_ids), unjudged))


def compared_claims(reading: Reading) -> list[Claim]:
    """Return the claims of all compared entries of a reading, in its order."""
    uncompared, found = reading.derived(_uncompared), list[Claim]()
    # Few files need a filter: most entries that are not compared are in an index.
    mixed = set(map(path_of, uncompared))
    for path, facts in reading.facts.items():
        if facts.note.role in JUDGED_ROLES:
            claims = facts.claims
            found += (one for one in claims if one.entry_id not in uncompared) if path in mixed else claims
    return found


def likely_compared(files: Iterable[FileFacts]) -> Iterator[str]:
    """Yield the texts of some files that will probably be compared, judging by each file alone."""
    for facts in files:
        if facts.note.role is not Role.INDEX:  # an index is mostly pointers
            left = frozenset(facts.purpose.unjudged)
            judged = {entry.id: entry.text for entry in facts.note.entries if entry.id not in left}
            yield from (claim.embedded for claim in facts.claims if claim.entry_id in judged)
            yield from judged.values()


def compares_same_entries(one: Reading, other: Reading, changed: frozenset[str]) -> bool:
    """Whether two readings compare the same entries, none of them `changed`, so that they have the same judged pairs.

    A look's pairs follow from these entries and their files alone. Most plans only edit an index, or files that Kairos
    itself writes.
    """
    ours = one.derived(compared).keys()
    return ours.isdisjoint(changed) and ours == other.derived(compared).keys()


def changed_ids(one: Reading, other: Reading) -> frozenset[str]:
    """Return the ids of all entries in files that differ between two readings."""
    return frozenset(
        entry.id
        for path in one.notes.keys() | other.notes.keys()
        if one.facts.get(path) is not other.facts.get(path)
        for note in (one.notes.get(path), other.notes.get(path))
        if note is not None
        for entry in note.entries
    )
