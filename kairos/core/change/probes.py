"""Questions that a root answered before a plan and has to answer after it: what has a witness must be found by it.

That a witness says the same is not enough for whoever searches by meaning: it has to come up where those words did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kairos.core.change.aftermath import Aftermath
from kairos.core.markdown.claims import claims_of, is_understood_alone
from kairos.core.root.figures import FIRST
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Entry, Evidence, RemoveFile

NOT_FOUND = Evidence(
    "recall", f"who asks for what it says would not find what stays for it among the first {FIRST} answers"
)
"""Why a change waits that fails a probe."""
PROBED = frozenset({ChangeKind.MERGE, ChangeKind.RESOLVE})
"""The kinds of changes that leave a witness for what they take away: it says the same, or what holds instead."""
_OWN_REASON = frozenset({ChangeKind.PRUNE, ChangeKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class Probe:
    """A question `text` for the sake of one change: one of `before` is found now, one of `after` must be then.

    They are ids of entries, of the reading before and of the one after; with `by_note` they are paths.
    """

    change: str
    text: str
    before: frozenset[str]
    after: frozenset[str]
    by_note: bool = False


def probes(
    changes: Iterable[Change],
    reading: Reading,
    past: Aftermath,
    pointers: Mapping[str, Sequence[Pointer]],
) -> tuple[Probe, ...]:
    """Return a probe for each claim dropped for a witness, and for what each note that loses one is chosen by.

    `past` is the root after the changes; what is pruned is asked for by nobody.
    """
    changes = tuple(changes)
    probed = [change for change in changes if change.kind in PROBED and change.witness]
    pruned = {(c.subject.file, c.subject.line) for c in changes if c.kind in _OWN_REASON}
    stands = {old: new for new, old in past.origins.items()}
    found = [
        Probe(change.key, claim.embedded, frozenset((dropped.id,)), frozenset(filter(None, (kept,))))
        for change in probed
        for dropped, kept in _dropped(change, reading, stands)
        if change.kind is ChangeKind.RESOLVE or (dropped.path, dropped.line) not in pruned
        for claim in claims_of(dropped, reading.note_of(dropped))
    ]
    return tuple(dict.fromkeys((*found, *_chosen_by(probed, reading, past, pointers))))


def _dropped(
    change: Change, reading: Reading, stands: Mapping[str, str]
) -> Iterator[tuple[Entry, str | None]]:
    """Yield each entry that a change takes away, with the id that its witness will have; None where it has none."""
    witness = change.witness
    if witness is None:
        return
    if RemoveFile(change.subject.file) in change.edits and witness.entry_id in reading.notes:
        notes = (reading.notes[change.subject.file], reading.notes[witness.entry_id])
        for dropped, twin in zip(*(note.entries for note in notes), strict=True):
            if twin.id in stands:  # else it goes for a reason of its own
                yield dropped, stands[twin.id]
        return
    for entry in reading.notes[change.subject.file].entries:
        if entry.line == change.subject.line:
            yield entry, stands.get(witness.entry_id)


def _chosen_by(
    changes: Sequence[Change], reading: Reading, past: Aftermath, pointers: Mapping[str, Sequence[Pointer]]
) -> Iterator[Probe]:
    """Yield the words by which an agent chooses the notes that lose something: their descriptions, unless they are mere
    labels, and the hooks of the pointers to them. What stands for it may be found instead."""
    losing: dict[str, list[Change]] = {}
    for change in changes:
        losing.setdefault(change.subject.file, []).append(change)
    described = ((path, reading.notes[path].description) for path in losing)
    words = [(path, text) for path, text in described if is_understood_alone(text)]
    single = (pointer for found in pointers.values() for pointer in found if pointer.is_single)
    words += [(pointer.target, pointer.entry.text) for pointer in single if pointer.target in losing]
    for path, text in words:
        heirs = {change.witness.place.file for change in losing[path] if change.witness}
        after = frozenset(note for note in (path, *heirs) if note in past.reading.notes)
        for change in losing[path]:
            yield Probe(change.key, text, frozenset((path,)), after, by_note=True)
