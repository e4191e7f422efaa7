"""Pairs that an earlier look saw are located exactly where a look from scratch would find them."""

from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.judgement.pair_context import PairContext
from kairos.dream.candidates import Candidates
from kairos.dream.kept_codec import PairPosition
from kairos.dream.kept_verdict_codec import judged_in, packed_judged, verdicts_in
from kairos.dream.locating import PairsToJudge, PositionOf, pairs_to_judge, still_positioned
from kairos.ml.pairing import Partners
from kairos.model import Action, JudgedPair, Judgement, Relation

Scores = Mapping[tuple[str, str], tuple[float, float]]
"""By pair of entries: the cosine of their nearest claims, and that of the whole entries."""

_COSINES = st.sampled_from([0.4, 0.5, 0.6, 0.75, 0.8, 0.96, 1.0])
_SCORES = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(
        lambda pair: pair[0] < pair[1]
    ),
    st.tuples(_COSINES, _COSINES),
)
_VERSIONS = st.fixed_dictionaries({name: st.integers(0, 1) for name in "abcdefgh"})


def files_of(pairs: Candidates, versions: Mapping[str, int]) -> list[str]:
    return [str(versions[id_]) for id_ in pairs.ids]


def found(scores: Scores) -> tuple[Candidates, np.ndarray]:
    ids = sorted({name for pair in scores for name in pair})
    pairs = sorted(scores)
    a, b = (np.array([ids.index(pair[side]) for pair in pairs], dtype=np.int64) for side in (0, 1))
    claims, wholes = (np.array([scores[pair][kind] for pair in pairs], dtype=np.float64) for kind in (0, 1))
    originals = np.array([max(i - (name in "dg"), 0) for i, name in enumerate(ids)], dtype=np.int64)
    return Candidates(ids, ids, Partners(a, b, claims), np.zeros(len(ids), dtype=bool), originals), wholes


def place_in(versions: Mapping[str, int]) -> PositionOf:
    def place(a: str, b: str, near: PairContext) -> PairPosition:
        composed = (versions[a] + versions[b] + ord(a)) % 2 == 0
        return PairPosition(a, b, str(versions[a]), str(versions[b]), near._replace(composed=composed))

    return place


@settings(deadline=None, max_examples=300)
@given(_SCORES, _VERSIONS, _SCORES, _VERSIONS, st.booleans())
def test_known_pairs_are_located_as_from_scratch(
    old: Scores, versions: Mapping[str, int], new: Scores, later: Mapping[str, int], most_stay: bool
) -> None:
    new = {**old, **dict(list(new.items())[:2])} if most_stay else new
    later = {**versions, "a": later["a"]} if most_stay else later
    before, (pairs, cosines) = located(old, versions), found(new)
    afresh = located(new, later)
    verdicts = {
        where: Judgement(Relation.DISTINCT, Action.NONE, n / 100, ()) for n, where in enumerate(before)
    }
    judged = before.judged(verdicts.__getitem__)
    assert [JudgedPair(where.a, where.b, verdict) for where, verdict in verdicts.items()] == judged
    assert before.verdicts() == verdicts
    changed = frozenset(name for name in versions if versions[name] != later[name])
    stood = before.among(pairs.ids, changed)
    places = {(id_, str(later[id_])): n for n, id_ in enumerate(pairs.ids) if id_ not in changed}
    kept = verdicts_in([judged_in(memoryview(packed_judged(dict(reversed(verdicts.items())), {}, {})))])
    again = still_positioned(kept, pairs.ids, places)
    for one, other in zip(again, stood, strict=True):
        assert one.tolist() == other.tolist()
    for known in (stood, again):
        files = files_of(pairs, later)
        now: PairsToJudge = pairs_to_judge(pairs, cosines, files, place_in(later), known)
        assert list(now) == list(afresh)
        assert all(where in verdicts for where in now if where not in set(now.new()))


def located(scores: Scores, versions: Mapping[str, int]) -> PairsToJudge:
    pairs, cosines = found(scores)
    return pairs_to_judge(pairs, cosines, files_of(pairs, versions), place_in(versions))


@given(_SCORES, _VERSIONS)
def test_an_identical_look_finds_nothing_new(scores: Scores, versions: Mapping[str, int]) -> None:
    before, (pairs, cosines) = located(scores, versions), found(scores)
    stood = before.among(before.ids, ())
    again = pairs_to_judge(pairs, cosines, files_of(pairs, versions), place_in(versions), stood)
    assert (list(again), list(again.new())) == (list(before), [])
