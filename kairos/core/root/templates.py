"""Texts that stand in so many files of a root that they are templates rather than repeated facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator
from itertools import chain, compress
from operator import attrgetter

from kairos.core.root.reading import Reading, changed_files
from kairos.model import Entry

BOILERPLATE = 3
"""How many files may have the same words; in more files than that, they are a template."""
_DIGEST = attrgetter("digest")


def templates(reading: Reading) -> frozenset[str]:
    """Return the digests of the texts that stand in too many files of a reading to be repeated facts."""
    before = reading.before
    if before is None:
        counts = Counter(map(_DIGEST, reading.entries.values()))
        return _in_many_files({digest for digest, count in counts.items() if count > BOILERPLATE}, reading)
    touched = {entry.digest for facts in chain(*changed_files(reading)) for entry in facts.note.entries}
    return before.derived(templates) - touched | _in_many_files(touched, reading)


def _in_many_files(digests: Collection[str], reading: Reading) -> frozenset[str]:
    """Return those digests whose texts stand in too many files."""
    found = with_digests(digests, reading.entries.values()) if digests else ()
    files = Counter(digest for digest, _ in {(entry.digest, entry.path) for entry in found})
    return frozenset(digest for digest, count in files.items() if count > BOILERPLATE)


def with_digests(digests: Container[str], entries: Collection[Entry]) -> Iterator[Entry]:
    """Yield the entries that have one of the digests; fast for thousands of entries and few digests."""
    return compress(entries, map(digests.__contains__, map(_DIGEST, entries)))
