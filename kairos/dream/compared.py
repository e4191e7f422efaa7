"""Which entries of a root are compared: no pointers, no fragments, nothing that is read-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from kairos.core.root.bearing import JUDGED_ROLES
from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import pointer_ids
from kairos.core.root.reading import Reading, path_of
from kairos.model import Claim, Entry, Role


def compared(reading: Reading) -> dict[str, Entry]:
    """Return the entries of a reading that are compared, by their ids."""
    found = dict(reading.entries)
    for id_ in reading.once(_left_out):
        found.pop(id_, None)
    return found


def _left_out(reading: Reading) -> frozenset[str]:
    unjudged = chain.from_iterable(facts.bearing.unjudged for facts in reading.facts.values())
    return frozenset(chain(reading.once(pointer_ids), unjudged))


def compared_claims(reading: Reading) -> list[Claim]:
    """Return the claims of all entries of a reading that are compared, in order."""
    left_out, found = reading.once(_left_out), list[Claim]()
    partly = set(map(path_of, left_out))  # few: most of what is not compared stands in an index
    for path, facts in reading.facts.items():
        if facts.note.role in JUDGED_ROLES:
            claims = facts.claims
            found += (one for one in claims if one.entry_id not in left_out) if path in partly else claims
    return found


def likely_compared(files: Iterable[FileFacts]) -> Iterator[str]:
    """Yield the texts of files that will be compared, as far as their root need not be known for that."""
    for facts in files:
        if facts.note.role is not Role.INDEX:  # which mostly points
            left = frozenset(facts.bearing.unjudged)
            judged = {entry.id: entry.text for entry in facts.note.entries if entry.id not in left}
            yield from (claim.embedded for claim in facts.claims if claim.entry_id in judged)
            yield from judged.values()


def compare_the_same(one: Reading, other: Reading, changed: frozenset[str]) -> bool:
    """Whether in two readings the same entries are compared, none of which is `changed`: most plans edit an index, or
    what Kairos writes itself. What a look finds out of pairs follows from these entries and their files alone."""
    ours = one.once(compared).keys()
    return ours.isdisjoint(changed) and ours == other.once(compared).keys()


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
