"""Lowers judgements where structure makes a merge unsafe although the words agree: the pair waits or is left alone.

A step of a procedure, a row of a table or a boilerplate line only means something where it stands. The judge sees two
texts; this module sees their places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from operator import is_
from typing import NamedTuple

from kairos.core.markdown.plain_text import normalised
from kairos.core.markdown.targets import targets
from kairos.core.phrasing.events import tells_of_event
from kairos.core.phrasing.retraction import (
    struck_passages,
    surrounding_text,
    taken_back,
    taken_back_by_surroundings,
)
from kairos.core.planning.lasting import has_further_values, is_logged_beside_lasting, lasting_kept
from kairos.core.planning.scopes import NamesOf, Usage, are_apart_by_name, scope_difference
from kairos.core.root.facts import FileFacts
from kairos.core.root.forms import are_of_one_form
from kairos.core.root.names import Answers, Asked, Names, still_hold
from kairos.core.root.places import documents, in_one_section, is_logged, tells_of_its_note
from kairos.core.root.purpose import JUDGED_ROLES, LONGEST_JUDGED, is_terse, points_elsewhere
from kairos.core.root.reading import Reading, changed_files
from kairos.core.root.residue import would_form_heading
from kairos.core.root.survivor import is_named, is_step, says, survivor
from kairos.core.root.templates import BOILERPLATE, with_digests
from kairos.core.root.trust import Trust
from kairos.model import (
    PLACE_BOUND,
    Action,
    Entry,
    EntryKind,
    Evidence,
    JudgedPair,
    Judgement,
    Note,
    Relation,
    Role,
    Skip,
)

_MUCH_MORE = 1.5
_SURE = 0.84
"""Chance from which an entry may merge into one that says much more."""
_SURE_NOTE = 0.76
"""The same for two one-fact notes: the longer one is still found by its title and its hook, which the recall gate
checks."""
_SURE_OF_VALUES = 0.96
"""The same if a side has a value that the other lacks: what the longer one adds may be what it is about. Not for a
longer one in an index, which is read anyway.

None of the three follows the settings: a raised one already holds for every unattended merge, and a lowered one does
not loosen this rule about places."""
_MIN_DOCUMENT_WORDS = 12
"""Number of words from which a line of a longer text that is repeated elsewhere is worth a look."""

_TWO_MEMORIES = (
    "one is about the user, the other is the agent's own, and either file may be switched off alone"
)
_ANY_AGE = Trust()


class CachedGuard(NamedTuple):
    """A pair lowered to what its places allow, cached with everything that this was derived from.

    `given` are its judgement, its two notes, and whether one of its texts is boilerplate. `names` are the answers about
    names that were needed, and `usage` the words of the root that gave them (None if none were needed).
    """

    given: tuple[Judgement, Note, Note, bool]
    names: Answers
    usage: Usage | None
    pair: JudgedPair

    def holds(self, given: tuple[Judgement, Note, Note, bool], names: NamesOf) -> bool:
        """Whether these inputs would give the same result."""
        (judgement, *notes, is_common), (then, *same_notes, was_common) = given, self.given
        if not all(map(is_, notes, same_notes)) or (judgement, is_common) != (then, was_common):
            return False
        return not self.names or self.usage is names.usage or still_hold(self.names, names)


GuardCache = dict[tuple[str, str], CachedGuard]
"""Pairs lowered to what their places allow, by the ids of their entries."""


def too_long(reading: Reading) -> tuple[Skip, ...]:
    """Return a skip for each entry that is too long to be compared."""
    return tuple(
        Skip(
            f"{entry.path}:{entry.line}",
            f"It is a single entry of {len(entry.text):,} characters, too long to compare with others.",
            "Split it with blank lines or bullets.",
        )
        for facts in reading.facts.values()
        if facts.purpose.unjudged and facts.note.role in JUDGED_ROLES
        for entry in facts.note.entries
        if len(entry.text) > LONGEST_JUDGED
    )


def _place_sensitive(reading: Reading) -> frozenset[str]:
    """Return the ids of the few entries whose places may change a judgement other than a merge."""
    before = reading.before
    if before is None:
        return _place_sensitive_of(reading.facts.values())
    gone, come = map(_place_sensitive_of, changed_files(reading))
    return before.derived(_place_sensitive) - gone | come


def _place_sensitive_of(files: Iterable[FileFacts]) -> frozenset[str]:
    return frozenset(chain.from_iterable(facts.purpose.place_sensitive for facts in files))


def guarded(
    pair: JudgedPair, reading: Reading, common: frozenset[str], trust: Trust = _ANY_AGE
) -> JudgedPair:
    """Return a pair with its judgement lowered to what the places of its entries and the trust in them allow."""
    return _lowered_by_trust(_lowered_by_place(pair, reading, common, NamesOf(reading)), reading, trust)


def _lowered_by_place(pair: JudgedPair, reading: Reading, common: frozenset[str], names: Names) -> JudgedPair:
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    if pair.judgement.relation.merging and _are_in_two_memories(a, b):
        return replace(pair, judgement=_lower(pair.judgement, Action.NONE, _TWO_MEMORIES))
    reason = _reason_to_leave(a, b, reading, common)
    if not reason and _needs_context(a, b) and _says_the_same(a, b) and not in_one_section(a, b, reading):
        reason = "short equal lines in different sections may be about different things"
    if reason:
        return replace(pair, judgement=_lower(pair.judgement, Action.NONE, reason))
    if pair.judgement.action is Action.MERGE:
        pair = lasting_kept(pair, reading)
        reason = _reason_to_wait(pair, reading, names)
        if reason:
            return replace(pair, judgement=_lower(pair.judgement, Action.ASK, reason))
    return pair


def _lowered_by_trust(pair: JudgedPair, reading: Reading, trust: Trust) -> JudgedPair:
    if pair.judgement.action is not Action.MERGE:
        return pair
    reason = trust.waits(reading.entries[pair.a], reading.entries[pair.b], reading)
    return replace(pair, judgement=_lower(pair.judgement, Action.ASK, reason, "trust")) if reason else pair


def twins_wait(kept: str, dropped: str, reading: Reading, trust: Trust) -> str:
    """Return why a person has to look before a byte-identical twin of a note is removed; "" for no reason."""
    if are_apart_by_name(kept, dropped):
        return "their names refer to two different environments, systems or parts"
    if kept.rpartition("/")[0] != dropped.rpartition("/")[0]:
        return "they are in two directories, and each may be needed where it is"
    return (
        _reason_to_protect(kept, reading)
        or _reason_to_protect(dropped, reading)
        or trust.waits_as_twins(kept, dropped, reading)
    )


def guarded_pairs(
    pairs: Iterable[JudgedPair], reading: Reading, common: frozenset[str], trust: Trust, known: GuardCache
) -> Iterator[JudgedPair]:
    """Yield `guarded` pairs, using and filling the cache `known`: one planner after another asks for the same pairs.

    Trust is never cached, because it depends on more than the notes.
    """
    entries, facts = reading.entries, reading.facts
    place_sensitive = reading.derived(_place_sensitive)
    if common:
        place_sensitive |= {entry.id for entry in with_digests(common, entries.values())}
    names = NamesOf(reading)
    for pair in pairs:
        if (
            pair.judgement.action is not Action.MERGE
            and pair.a not in place_sensitive
            and pair.b not in place_sensitive
        ):
            yield pair
            continue
        a, b = entries[pair.a], entries[pair.b]
        is_common = a.digest in common or b.digest in common
        given = (pair.judgement, facts[a.path].note, facts[b.path].note, is_common)
        found = known.get((pair.a, pair.b))
        if found is None or not found.holds(given, names):
            asked = Asked(names)
            lowered = _lowered_by_place(pair, reading, common, asked)
            found = CachedGuard(given, asked.answers, names.usage if asked.answers else None, lowered)
            known[pair.a, pair.b] = found
        yield _lowered_by_trust(found.pair, reading, trust)


def is_left_alone(pair: JudgedPair, reading: Reading, common: frozenset[str]) -> bool:
    """Whether the places of two entries rule out any action, whatever the judge says."""
    return bool(_reason_to_leave(reading.entries[pair.a], reading.entries[pair.b], reading, common))


def is_composed(a: Entry, b: Entry, reading: Reading, composed: Collection[str]) -> bool:
    """Whether two entries were written to stand together, or one only means something where it stands.

    That is so in documents, whose paths are `composed`, for entries that lead to another note, and within one note. A
    log, or an index that holds facts itself, grows line by line over months: there, only lines of one list count. So
    does a file of sections, whose entries each stand alone.
    """
    if a.path in composed or b.path in composed or points_elsewhere(a) or points_elsewhere(b):
        return True
    if a.kind is EntryKind.SECTION:
        return False
    return a.path == b.path and (reading.note_of(a).role is Role.NOTE or _same_list(a, b))


def _lower(judgement: Judgement, action: Action, reason: str, kind: str = "place") -> Judgement:
    """Return a judgement with a lesser action and the reason; its confidence stays that in what the two texts say."""
    relation = judgement.relation if action is not Action.NONE else Relation.DISTINCT
    if relation is Relation.DISTINCT and judgement.relation.merging:
        kind = PLACE_BOUND
    evidence = (*judgement.evidence, Evidence(kind, reason))
    return replace(judgement, action=action, relation=relation, evidence=evidence)


def _reason_to_leave(a: Entry, b: Entry, reading: Reading, common: frozenset[str]) -> str:
    if a.digest in common or b.digest in common:
        return f"the same words are in more than {BOILERPLATE} files: a template, not a repeated fact"
    if a.struck or b.struck or struck_passages(a.raw) != struck_passages(b.raw):
        return "one side is struck out"
    if points_elsewhere(a) or points_elsewhere(b):
        return "a line that points elsewhere belongs to its note"
    if a.path != b.path and tells_of_its_note(a) and tells_of_its_note(b):
        return "each says when, by whom or from what its own note was written"
    return _reason_in_document(a, b, reading) or _reason_as_task(a, b)


def _are_in_two_memories(a: Entry, b: Entry) -> bool:
    """Whether two sections are in different files, which are each loaded for a purpose of their own."""
    return a.path != b.path and EntryKind.SECTION in {a.kind, b.kind}


def _reason_in_document(a: Entry, b: Entry, reading: Reading) -> str:
    longer = reading.derived(documents)
    if a.path in longer or b.path in longer:
        if a.path == b.path:
            return "a longer text may repeat itself on purpose"
        if min(says(a), says(b)) < _MIN_DOCUMENT_WORDS:
            return "a short line of a longer text makes sense only there"
    return ""


def _reason_as_task(a: Entry, b: Entry) -> str:
    if a.done is None and b.done is None:
        return ""
    return "" if a.digest == b.digest and a.path == b.path else "a task is not a fact"


def _reason_to_wait(pair: JudgedPair, reading: Reading, names: Names) -> str:
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    kept, dropped = survivor(a, b, pair.judgement.relation, reading)
    if reason := needed_in_place(dropped, kept, reading, names):
        return reason
    if reason := _reason_by_day(dropped, kept, reading):
        return reason
    surroundings = [surrounding_text(entry, reading.note_of(entry)) for entry in (a, b)]
    if words := taken_back(a.text, b.text) or taken_back_by_surroundings(*surroundings):
        return f"one side may take back what both say: {words}"
    protected = _reason_to_protect(a.path, reading) or _reason_to_protect(b.path, reading)
    if protected:
        return protected
    if dropped.path in reading.derived(documents):
        return "a part of a longer text may make sense only there"
    return _reason_in_doubt(pair, kept, dropped, reading, names) if pair.judgement.confidence < 1 else ""


def needed_in_place(dropped: Entry, kept: Entry, reading: Reading, names: Names | None = None) -> str:
    """Return why a reader may miss an entry in its place although another one says the same; "" for no reason.

    `names` tells which words are names; by default it is derived from the reading.
    """
    reason = _reason_by_position(dropped, reading)
    if reason:
        return reason
    if not targets(dropped) <= targets(kept):
        return "it has a link that the other one lacks"
    gone, stays = reading.note_of(dropped), reading.note_of(kept)
    if gone.protected and not stays.protected and not is_named(stays):
        return "a protected note is not replaced by one that an agent may not find"
    if are_of_one_form(dropped, kept, reading):
        return "their notes are of one form, and each may be about something else"
    return scope_difference(dropped, kept, reading, names or NamesOf(reading))


def _reason_by_position(entry: Entry, reading: Reading) -> str:
    """Return why an entry may be missed where it is, whatever the other one says; "" for no reason."""
    if entry.kind is EntryKind.PARAGRAPH:
        return "the text around a paragraph may need it"
    if is_step(entry):
        return "the steps around a numbered step may need it"
    if would_form_heading(entry, reading):
        return "without it, the line above would be read as a heading"
    return ""


def _reason_by_day(dropped: Entry, kept: Entry, reading: Reading) -> str:
    """Return why an entry tells of a day of which the other one does not; "" for no reason."""
    if _tells_of_a_day_alone(dropped, kept, reading):
        return 'it tells of a day, by a word such as "today", of which the other says nothing'
    if _are_events_of_two_days(dropped, kept, reading):
        return "each tells what happened on its own day"
    return ""


def _tells_of_a_day_alone(dropped: Entry, kept: Entry, reading: Reading) -> bool:
    """Whether a relative date of an entry stands for a day that the other does not tell of in the same way.

    The values of texts are compared without the day on which their notes were written, so they do not show it.
    """
    ours, theirs = (
        {splice.text for splice, _ in reading.facts[entry.path].datings.get(entry.id, ())}
        for entry in (dropped, kept)
    )
    return not ours <= theirs


def _are_events_of_two_days(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether two entries of logs of different days each tell of an event, which then happened twice."""
    if (a.path, a.headings) == (b.path, b.headings) or not (
        tells_of_event(a.text) and tells_of_event(b.text)
    ):
        return False
    return is_logged(a, reading.note_of(a)) and is_logged(b, reading.note_of(b))


def _reason_in_doubt(pair: JudgedPair, kept: Entry, dropped: Entry, reading: Reading, names: Names) -> str:
    """Return why a merge that is less than certain has to wait; "" for no reason."""
    if targets(kept) != targets(dropped):
        return "the other one has a link that it lacks, and may be about something else"
    if is_logged_beside_lasting(kept, dropped, reading):
        return "a lasting note is not replaced by a log entry about a single day"
    if pair.judgement.relation is Relation.SAME or says(kept) <= _MUCH_MORE * says(dropped):
        return ""
    enough = _SURE_NOTE if kept.kind is dropped.kind is EntryKind.FACT else _SURE
    sure = pair.judgement.confidence >= enough and not _leaves_index(dropped, kept, reading)
    if sure and (pair.judgement.confidence >= _SURE_OF_VALUES or not _values_matter(kept, dropped, reading)):
        return scope_difference(dropped, kept, reading, names, strict=True)
    return "the other says much more, and a reader may not look there for this"


def _values_matter(kept: Entry, dropped: Entry, reading: Reading) -> bool:
    """Whether a side has a value that the other lacks, except what stands in an index besides what goes."""
    if has_further_values(dropped, kept, reading):
        return True
    return reading.note_of(kept).role is not Role.INDEX and has_further_values(kept, dropped, reading)


def _leaves_index(dropped: Entry, kept: Entry, reading: Reading) -> bool:
    """Whether a text that agents always read would stand only where they have to look for it."""
    roles = (reading.note_of(dropped).role, reading.note_of(kept).role)
    return roles[0] is Role.INDEX and roles[1] is not Role.INDEX


def _reason_to_protect(path: str, reading: Reading) -> str:
    front = reading.notes[path].front
    if front and front.fields.get("pinned"):
        return f"{path} is pinned"
    return "team notes are not merged unattended" if path.startswith("team/") else ""


def _same_list(a: Entry, b: Entry) -> bool:
    return a.path == b.path and a.headings == b.headings and a.lead == b.lead


def _says_the_same(a: Entry, b: Entry) -> bool:
    return a.digest == b.digest or normalised(a.text) == normalised(b.text)


def _needs_context(a: Entry, b: Entry) -> bool:
    return is_terse(a) and b.kind is not EntryKind.FACT
