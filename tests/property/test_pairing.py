"""Pairing with arrays gives the same result as the obvious loops."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.errors import KairosError
from kairos.ml.neighbours import BruteForceNeighbours, Found
from kairos.ml.pairing import LONELY, MAX_PARTNERS, MIN_COSINE, Partners, lonely, nearest, partners

_TEXTS = st.lists(st.integers(0, 14), min_size=1, max_size=40)


def obvious(entries: list[int], texts: list[int], near: Found) -> dict[tuple[int, int], float]:
    holders = defaultdict(list)
    for claim, text in enumerate(texts):
        holders[text].append(claim)
    best: dict[tuple[int, int], float] = {}
    for claim, text in enumerate(texts):
        for score, other in zip(near.scores[text].tolist(), near.rows[text].tolist(), strict=True):
            for neighbour in holders[other][:MAX_PARTNERS]:
                ours, theirs = entries[claim], entries[neighbour]
                if score >= MIN_COSINE and ours != theirs:
                    key = (min(ours, theirs), max(ours, theirs))
                    best[key] = max(best.get(key, -1.0), score)
    sides = defaultdict(list)
    for (a, b), score in best.items():
        sides[a].append((-score, b))
        sides[b].append((-score, a))
    kept = {(min(a, b), max(a, b)) for a, near_a in sides.items() for _, b in sorted(near_a)[:MAX_PARTNERS]}
    return {pair: best[pair] for pair in sorted(kept)}


@settings(deadline=None, max_examples=200)
@given(texts=_TEXTS, owners=st.data(), seed=st.integers(0, 1000))
def test_partners_are_those_of_the_obvious_loops(texts: list[int], owners: st.DataObject, seed: int) -> None:
    entries = owners.draw(st.lists(st.integers(0, 25), min_size=len(texts), max_size=len(texts)))
    vectors = (np.random.default_rng(seed).integers(-2, 3, size=(15, 3)) / 2).astype(np.float32)
    near = BruteForceNeighbours(vectors).search(vectors, 6)
    found = partners(np.array(entries, dtype=np.int64), np.array(texts, dtype=np.int64), near, at_once=7)
    pairs = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert dict(zip(pairs, found.scores.tolist(), strict=True)) == obvious(entries, texts, near)
    assert pairs == sorted(pairs)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(7, 12), st.sampled_from([0.4, 0.5, 0.6, 0.9]))))
def test_the_nearest_of_each_side_is_found(rows: list[tuple[int, int, float]]) -> None:
    unique = {(a, b): score for a, b, score in rows}
    a, b = (np.array([pair[side] for pair in unique], dtype=np.int64) for side in (0, 1))
    scores = np.array(list(unique.values()), dtype=np.float64)

    one, both = nearest(Partners(a, b, scores), scores)
    for (x, y), score, is_one, is_both in zip(unique, scores, one, both, strict=True):
        of_x = all(s <= score for (p, q), s in unique.items() if x in (p, q))
        of_y = all(s <= score for (p, q), s in unique.items() if y in (p, q))
        assert (bool(is_one), bool(is_both)) == (of_x or of_y, of_x and of_y)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([-0.1, 0.4, 0.5, 0.6, 0.75])))
)
def test_two_are_lonely_where_no_third_is_nearly_as_near(rows: list[tuple[int, int, float]]) -> None:
    unique = {(min(a, b), max(a, b)): score for a, b, score in rows if a != b}
    a, b = (np.array([pair[side] for pair in unique], dtype=np.int64) for side in (0, 1))
    scores = np.array(list(unique.values()), dtype=np.float64)

    alone = lonely(Partners(a, b, scores), scores)
    for pair, score, is_lonely in zip(unique, scores, alone, strict=True):
        others = [s for other, s in unique.items() if other != pair and set(other) & set(pair)]
        assert bool(is_lonely) == (score - max(others, default=-np.inf) >= LONELY)


@pytest.mark.parametrize(("last", "fits"), [(2**20 - 1, True), (2**20, False)])
def test_at_most_a_million_entries_are_paired(last: int, fits: bool) -> None:
    entries, texts = np.array([last - 1, last]), np.array([0, 1])
    near = Found(np.array([[0.5], [0.9]]), np.array([[1], [0]]))
    if fits:
        assert [column.tolist() for column in partners(entries, texts, near)] == [[last - 1], [last], [0.9]]
    else:
        with pytest.raises(KairosError, match="1,048,576 entries"):
            partners(entries, texts, near)
