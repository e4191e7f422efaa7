"""Guarding pairs in a batch, with what is known about their files, gives the same result as guarding each alone."""

from __future__ import annotations

import hashlib
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.planning.guard import GuardCache, guarded, guarded_pairs
from kairos.core.root.reading import Reading
from kairos.core.root.templates import templates
from kairos.core.root.trust import Trust
from kairos.model import Action, JudgedPair, Judgement, Relation, Role, Snapshot, Source

TEXTS = (
    "Tea is free in the office kitchen every day.",
    "Tea is free.",
    "~~Tea is free~~ in the kitchen of the office now.",
    "Tea is <del>never</del> free in the kitchen of the office.",
    "Related: [tea](b.md)",
    "[[b]] has more on the tea of the office and who pays.",
    "[x] Buy tea for the kitchen of the office.",
    "[ ] Buy tea for the kitchen of the office.",
)
LINES = st.tuples(st.sampled_from(("- ", "1. ", "", "## ")), st.sampled_from(TEXTS)).map("".join)
NOTES = st.lists(LINES, min_size=1, max_size=12).map("\n\n".join)
PAIRS = st.tuples(st.sampled_from(Relation), st.sampled_from(Action))


def reading_of(texts: dict[str, str]) -> Reading:
    sources = (
        Source(path, text.encode(), hashlib.sha256(text.encode()).hexdigest(), 10**18, 0o644, Role.NOTE)
        for path, text in sorted(texts.items())
    )
    return Reading.of(Snapshot("/root", "plain", tuple(sources)))


@settings(max_examples=120, deadline=None)
@given(
    texts=st.dictionaries(st.sampled_from(("a.md", "b.md", "c.md", "d/e.md")), NOTES, min_size=1),
    judgements=st.lists(PAIRS, min_size=8, max_size=8),
)
def test_pairs_are_guarded_in_a_batch_as_one_by_one(
    texts: dict[str, str], judgements: list[tuple[Relation, Action]]
) -> None:
    reading, known, trust = reading_of(texts), GuardCache(), Trust()
    common = templates(reading)
    pairs = [
        JudgedPair(a, b, Judgement(*judgements[number % len(judgements)], 0.9, ()))
        for number, (a, b) in enumerate(combinations(reading.entries, 2))
    ]
    expected = [guarded(pair, reading, common, trust) for pair in pairs]
    for _ in range(2):
        assert list(guarded_pairs(pairs, reading, common, trust, known)) == expected
