"""Every kind of value that the state stores is read back equal, whatever it holds."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kairos.model import (
    Change,
    ChangeKind,
    Conflict,
    Considered,
    CreateFile,
    Evidence,
    Place,
    RemoveFile,
    Skip,
    Span,
    Splice,
    Witness,
)
from kairos.store.codec import each_to_json, from_json, large_to_json, to_json
from kairos.store.packing import packed, unpacked

TEXT = st.text(st.characters(), max_size=12) | st.just("undecodable \udcff.md")
PLACES = st.builds(Place, TEXT, st.integers(1, 9999), TEXT)
SPANS = st.builds(Span, st.integers(0, 99), st.integers(0, 99))
SCORES = st.none() | st.floats(allow_nan=False)
EVIDENCE = st.lists(st.builds(Evidence, TEXT, TEXT, SCORES), max_size=2).map(tuple)
EDITS = st.one_of(
    st.builds(Splice, TEXT, SPANS, st.binary(max_size=9)),
    st.builds(CreateFile, TEXT, st.binary(max_size=9)),
    st.builds(RemoveFile, TEXT),
)
COVERS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    Change: st.builds(
        Change,
        key=TEXT,
        kind=st.sampled_from(ChangeKind),
        reason=TEXT,
        edits=st.lists(EDITS, max_size=3).map(tuple),
        subject=PLACES,
        evidence=EVIDENCE,
        confidence=st.floats(0, 1),
        witness=st.none() | st.builds(Witness, TEXT, PLACES, COVERS),
        derived=st.booleans(),
    ),
    Conflict: st.builds(
        Conflict,
        id=TEXT,
        a=PLACES,
        b=PLACES,
        newer=st.sampled_from(["a", "b", None]),
        reason=TEXT,
        since=st.dates(),
        confidence=st.floats(0, 1),
    ),
    Considered: st.builds(
        Considered,
        st.tuples(*[st.tuples(TEXT, st.integers(1, 9999), TEXT)] * 2),
        st.lists(st.tuples(st.just((1, 0)), TEXT, EVIDENCE, st.floats(0, 1)), max_size=2).map(tuple),
    ),
    tuple[Skip, ...]: st.lists(st.builds(Skip, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    dict[str, date]: st.dictionaries(TEXT, st.dates(), max_size=2),
    date: st.dates(),
    bytes: st.binary(),
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
def test_round_trip(kind: Any) -> None:
    @settings(max_examples=60, deadline=None)
    @given(VALUES[kind])
    def check(value: object) -> None:
        text = to_json(value)
        assert text.isascii()
        assert from_json(kind, text) == value

    check()


@settings(deadline=None)
@given(found=VALUES[Considered])
def test_the_fast_writer_is_read_back_equal(found: Considered) -> None:
    numbers = (item.score for one in found.decisions() for item in one.evidence if item.score is not None)
    assume(all(map(math.isfinite, numbers)))
    assert from_json(Considered, large_to_json(found).decode()) == found
    assert unpacked(packed(found)) == tuple(found.decisions())


@settings(deadline=None)
@given(changes=st.lists(VALUES[Change], max_size=3))
def test_values_written_together_are_read_back_one_by_one(changes: list[Change]) -> None:
    numbers = (item.score for change in changes for item in change.evidence if item.score is not None)
    assume(all(map(math.isfinite, numbers)))
    assert [from_json(Change, text) for text in each_to_json(changes)] == changes


def test_a_field_that_a_later_version_added_is_ignored() -> None:
    assert from_json(Skip, '{"is":"Skip","what":"w","reason":"r","colour":"red"}') == Skip("w", "r")
