from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kairos.core.root.reading import Reading
from kairos.core.root.remarks import considered
from kairos.model import NOT_COMPARED, Action, Considered, Evidence, JudgedPair, Judgement, Relation

Read = Callable[[Mapping[str, str | bytes]], Reading]
EVIDENCE = (Evidence("similarity", "similarity 0.50", 0.5),)


def judged(action: Action, confidence: float) -> Judgement:
    relation = Relation.DISTINCT if action is Action.NONE else Relation.SAME
    return Judgement(relation, action, confidence, EVIDENCE)


def look(read: Read, pairs: Mapping[tuple[int, int], Judgement], remarks: Mapping[int, str]) -> Considered:
    """Consider pairs of a note's bullets; `remarks` belong to pairs by their position in `pairs`."""
    reading = read({"a.md": "".join(f"- Bullet {number}.\n" for number in range(13))})
    ids = [entry.id for entry in reading.notes["a.md"].entries]
    found = [JudgedPair(ids[a], ids[b], judgement) for (a, b), judgement in pairs.items()]
    said = {frozenset((found[at].a, found[at].b)): remark for at, remark in remarks.items()}
    return considered(found, reading, said)


def outcomes(found: Considered) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.outcome, tuple(place.line - 1 for place in one.places)) for one in found.decisions()]


def test_actions_come_first_and_then_the_surest_pairs(read: Read) -> None:
    pairs = {
        (0, 1): judged(Action.NONE, 0.9),
        (2, 3): judged(Action.ASK, 0.5),
        (1, 2): judged(Action.NONE, 0.95),
        (0, 2): judged(Action.MERGE, 0.7),
        (0, 3): judged(Action.NONE, 0.9),
    }
    found = look(read, pairs, {1: "left, because it is"})
    assert outcomes(found) == [
        ("same, merge", (0, 2)),
        ("same, ask: left, because it is", (2, 3)),
        ("distinct, none", (1, 2)),
        ("distinct, none", (0, 1)),
        ("distinct, none", (0, 3)),
    ]
    assert len(found.places) == 4
    assert {one.evidence for one in found.decisions()} == {EVIDENCE}


def test_the_most_telling_pairs_of_either_entry_are_kept(read: Read) -> None:
    surer = {(hub, 2 + 5 * hub + number): judged(Action.NONE, 0.9) for hub in (0, 1) for number in range(5)}
    pairs = {**surer, (0, 1): judged(Action.NONE, 0.5), (0, 12): judged(Action.NONE, 0.4)}
    kept = [pair for _, pair in outcomes(look(read, pairs, {}))]
    assert sorted(kept) == sorted([*surer, (0, 12)])


def test_pairs_that_were_not_compared_come_last(read: Read) -> None:
    unread = replace(
        judged(Action.NONE, 1.0), evidence=(*EVIDENCE, Evidence(NOT_COMPARED, "others are nearer"))
    )
    found = look(read, {(0, 1): unread, (0, 2): judged(Action.NONE, 0.4)}, {})
    assert [places for _, places in outcomes(found)] == [(0, 2), (0, 1)]
