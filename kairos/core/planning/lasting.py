"""Of a lasting note and a log entry that tells the same again, the lasting note stays."""

from __future__ import annotations

from dataclasses import replace

from kairos.core.markdown.claims import statement
from kairos.core.root.places import is_logged
from kairos.core.root.reading import Reading
from kairos.core.root.survivor import survivor
from kairos.core.values.differing import differing
from kairos.model import Entry, Evidence, JudgedPair, Relation

_SURE = 0.5
"""Chance that a merge loses nothing whichever side goes, from which a log entry without further values goes.

In the families that the judge model was not trained on, 1,892 of 1,910 pairs that say the same reach it, and 38 of 753
in which one side says more (none with further values or half as many words again)."""

_STAYS = Evidence("place", "one is a log entry without a value of its own, so the lasting note stays")


def lasting_kept(pair: JudgedPair, reading: Reading) -> JudgedPair:
    """Return a pair to be merged so that a lasting note stays rather than a log entry that says no more.

    Logs tell at more length how something came up, which a judge may take for more than the lasting note says; what is
    to be found later is in the lasting note.
    """
    given = pair.judgement
    if given.either_way < _SURE:
        return pair
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    kept, dropped = survivor(a, b, given.relation, reading)
    if not is_logged_beside_lasting(kept, dropped, reading) or has_further_values(kept, dropped, reading):
        return pair
    relation = Relation.A_CONTAINS_B if dropped is a else Relation.B_CONTAINS_A
    evidence = (*given.evidence, _STAYS)
    judgement = replace(given, relation=relation, confidence=given.either_way, evidence=evidence)
    return replace(pair, judgement=judgement)


def is_logged_beside_lasting(one: Entry, other: Entry, reading: Reading) -> bool:
    """Whether an entry reports on one day among others, and the other one does not."""
    return is_logged(one, reading.note_of(one)) and not is_logged(other, reading.note_of(other))


def has_further_values(one: Entry, other: Entry, reading: Reading) -> bool:
    """Whether an entry has a value that the other lacks."""
    found = differing(*(statement(entry, reading.note_of(entry)) for entry in (one, other)))
    return bool(found.pairs or found.of_a)
