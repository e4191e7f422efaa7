"""Questions that a root answers before a plan and must still answer after it: a search must then find the witness.

It is not enough that a witness says the same. When somebody searches by meaning, it must come up where the dropped
words did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kairos.core.change.aftermath import Aftermath
from kairos.core.markdown.claims import claims_of, is_understood_alone
from kairos.core.root.figures import RECALL_AT
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Entry, Evidence, RemoveFile

NOT_FOUND = Evidence(
    "recall", f"a search for what it says would not find what replaces it among the first {RECALL_AT} results"
)
"""Why a change that fails a probe waits."""
PROBED = frozenset({ChangeKind.MERGE, ChangeKind.RESOLVE})
"""Kinds of changes that leave a witness for what they take away: it says the same, or what holds instead."""
_OWN_REASON = frozenset({ChangeKind.PRUNE, ChangeKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class Probe:
    """A question `text`, asked because of one change: it finds one of `before` now, and must find one of `after` then.

    They are ids of entries, in the reading before and in the one after; with `by_note`, they are paths.
    """

    change: str
    text: str
    before: frozenset[str]
    after: frozenset[str]
    by_note: bool = False


def probes(
    changes: Iterable[Change],
    reading: Reading,
    aftermath: Aftermath,
    pointers: Mapping[str, Sequence[Pointer]],
) -> tuple[Probe, ...]:
    """Return a probe for each claim that is dropped for a witness, and for each text by which agents choose its note.

    `aftermath` is the root after the changes. What is pruned gets no probes: nobody asks for it.
    """
    changes = tuple(changes)
    probed = [change for change in changes if change.kind in PROBED and change.witness]
    pruned = {(c.subject.file, c.subject.line) for c in changes if c.kind in _OWN_REASON}
    stands = {old: new for new, old in aftermath.origins.items()}
    found = [
        Probe(change.key, claim.embedded, frozenset((dropped.id,)), frozenset(filter(None, (kept,))))
        for change in probed
        for dropped, kept in _dropped(change, reading, stands)
        if change.kind is ChangeKind.RESOLVE or (dropped.path, dropped.line) not in pruned
        for claim in claims_of(dropped, reading.note_of(dropped))
    ]
    return tuple(dict.fromkeys((*found, *_choice_probes(probed, reading, aftermath, pointers))))


def _dropped(
    change: Change, reading: Reading, stands: Mapping[str, str]
) -> Iterator[tuple[Entry, str | None]]:
    """Yield each entry that a change takes away, with the id that its witness will have; None if it will not exist."""
    witness = change.witness
    if witness is None:
        return
    if RemoveFile(change.subject.file) in change.edits and witness.entry_id in reading.notes:
        notes = (reading.notes[change.subject.file], reading.notes[witness.entry_id])
        for dropped, twin in zip(*(note.entries for note in notes), strict=True):
            if twin.id in stands:  # otherwise it goes for a reason of its own
                yield dropped, stands[twin.id]
        return
    for entry in reading.notes[change.subject.file].entries:
        if entry.line == change.subject.line:
            yield entry, stands.get(witness.entry_id)


def _choice_probes(
    changes: Sequence[Change],
    reading: Reading,
    aftermath: Aftermath,
    pointers: Mapping[str, Sequence[Pointer]],
) -> Iterator[Probe]:
    """Yield a probe for each text by which an agent chooses a note that loses something.

    These texts are the description of the note, unless it is a mere label, and the hooks of the pointers to it. Finding
    the note of a witness will do as well.
    """
    losing: dict[str, list[Change]] = {}
    for change in changes:
        losing.setdefault(change.subject.file, []).append(change)
    described = ((path, reading.notes[path].description) for path in losing)
    words = [(path, text) for path, text in described if is_understood_alone(text)]
    single = (pointer for found in pointers.values() for pointer in found if pointer.is_single)
    words += [(pointer.target, pointer.entry.text) for pointer in single if pointer.target in losing]
    for path, text in words:
        heirs = {change.witness.place.file for change in losing[path] if change.witness}
        after = frozenset(note for note in (path, *heirs) if note in aftermath.reading.notes)
        for change in losing[path]:
            yield Probe(change.key, text, frozenset((path,)), after, by_note=True)
