"""Pairing with arrays gives the same result as the obvious loops."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.errors import KairosError
from kairos.ml.neighbours import BruteForceNeighbours, Found
from kairos.ml.pairing import LONELY, MAX_PARTNERS, MIN_COSINE, Partners, nearness, partners

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


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] < pair[1]),
        st.sampled_from([-0.1, 0.4, 0.5, 0.6, 0.75]),
    ),
    st.lists(st.integers(0, 6), min_size=7, max_size=7).map(
        lambda drawn: [min(i, n) for i, n in enumerate(drawn)]
    ),
)
def test_nearness_is_that_of_the_obvious_loops(
    cosines: dict[tuple[int, int], float], originals: list[int]
) -> None:
    best: dict[frozenset[int], float] = {}
    for pair, score in cosines.items():
        kinds = frozenset(originals[entry] for entry in pair)
        best[kinds] = max(score, best.get(kinds, -1.0))
    a, b = (np.array([pair[side] for pair in cosines], dtype=np.int64) for side in (0, 1))
    scores = np.array(list(cosines.values()), dtype=np.float64)

    found = nearness(Partners(a, b, scores), scores, np.array(originals, dtype=np.int64))
    for pair, *flags in zip(cosines, *found, strict=True):
        kinds = frozenset(originals[entry] for entry in pair)
        if len(kinds) == 1:
            assert flags == [True, True, False]
            continue
        thirds = [
            max(
                (best[near] for near in best if kind in near and len(near) == 2 and near != kinds),
                default=-np.inf,
            )
            for kind in kinds
        ]
        as_near = [best[kinds] >= third for third in thirds]
        assert flags == [any(as_near), all(as_near), best[kinds] - max(thirds) >= LONELY]


@pytest.mark.parametrize(("last", "fits"), [(2**20 - 1, True), (2**20, False)])
def test_at_most_a_million_entries_are_paired(last: int, fits: bool) -> None:
    entries, texts = np.array([last - 1, last]), np.array([0, 1])
    near = Found(np.array([[0.5], [0.9]]), np.array([[1], [0]]))
    if fits:
        assert [column.tolist() for column in partners(entries, texts, near)] == [[last - 1], [last], [0.9]]
    else:
        with pytest.raises(KairosError, match="1,048,576 entries"):
            partners(entries, texts, near)
