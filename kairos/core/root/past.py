"""The entries that have been witnesses since earlier dreams."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kairos.core.root.credentials import redacted
from kairos.core.root.reading import Reading
from kairos.model import Entry


def past_witnesses(witnesses: Iterable[tuple[str, str]], reading: Reading) -> frozenset[str]:
    """Return the ids of the entries meant by `witnesses`, which are (file, text) from earlier dreams.

    An entry may have grown since by parts carried over into it. If a whole note is the witness of its twin, all its
    entries are witnesses. In a file with credentials, both sides are compared redacted, as they are in the journal.
    """
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for file, text in witnesses:
        if file in reading.notes:
            texts[file].append(text)
    found: set[str] = set()
    for file, said in texts.items():
        entries: Sequence[Entry] = reading.notes[file].entries
        if reading.facts[file].credentials:
            said = list(map(redacted, said))  # noqa: PLW2901 - the same texts, redacted
            entries = [entry._replace(raw=redacted(entry.raw)) for entry in entries]
        found.update(entry.id for entry in _matching(said, entries))
    return frozenset(found)


def _matching(texts: Sequence[str], entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries that some texts mean."""
    by_raw = sorted(entries, key=_raw)
    by_first_line: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_first_line[entry.raw.partition("\n")[0]].append(entry)
    for text in texts:
        yield from _beginning_with(text.rstrip(), by_raw)
        lines = text.split("\n")
        for at, line in enumerate(lines):
            for entry in by_first_line.get(line, ()):
                own = entry.raw.split("\n")
                if lines[at : at + len(own)] == own:
                    yield entry


def _beginning_with(text: str, by_raw: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries that begin with a text; sorted by their raw text, they are adjacent."""
    for at in range(bisect_left(by_raw, text, key=_raw), len(by_raw)):
        if not by_raw[at].raw.startswith(text):
            return
        yield by_raw[at]


def _raw(entry: Entry) -> str:
    return entry.raw
