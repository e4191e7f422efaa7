"""Numbering on from an earlier look gives the same as numbering from scratch."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.dream.numbering import Numbering
from kairos.model import Claim, Entry, EntryKind, Span

Files = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
"""By path: for each entry, its text and the texts of its claims."""

_TEXTS = st.sampled_from(["", "a", "ab", "b", "c", "d"])
_FILES = st.dictionaries(
    st.sampled_from("uvwxyz"), st.lists(st.tuples(_TEXTS, st.lists(_TEXTS, max_size=2)), max_size=3)
)


def read(files: Files, left_out: frozenset[str]) -> tuple[list[Claim], dict[str, Entry]]:
    entries: dict[str, Entry] = {}
    claims: list[Claim] = []
    for path, held in files.items():
        for line, (text, said) in enumerate(held, 9):  # as text, "x:9" sorts after "x:10"
            id_ = f"{path}:{line}"
            if id_ not in left_out:
                entries[id_] = Entry(id_, path, Span(0, 1), line, EntryKind.BULLET, text, text, text, ())
                claims += (Claim(id_, one) for one in said)
    return claims, entries


_LEFT_OUT = st.frozensets(st.sampled_from(["u:9", "v:10", "w:9", "x:11"]))


@settings(deadline=None, max_examples=300)
@given(_FILES, _LEFT_OUT, _FILES, _LEFT_OUT, st.booleans(), st.booleans())
def test_numbering_on_equals_numbering_from_scratch(  # noqa: PLR0917 - one for each thing that varies
    old: Files, left_out: frozenset[str], edits: Files, later: frozenset[str], most_stay: bool, in_order: bool
) -> None:
    files = {**old, **edits} if most_stay else edits
    files = dict(sorted(files.items())) if in_order else files
    before = read(dict(sorted(old.items())) if in_order else old, left_out)
    now = read(files, later)
    changed = {id_ for id_ in before[1].keys() | now[1].keys() if old.get(id_[0]) != files.get(id_[0])}
    first = Numbering.of(*before)
    after, afresh = first.updated(*now, changed), Numbering.of(*now)
    for field in fields(Numbering):
        if field.name != "new":
            np.testing.assert_array_equal(getattr(after, field.name), getattr(afresh, field.name))
    assert {*first.texts, *first.entry_texts, *after.new} >= {*after.texts, *after.entry_texts}
