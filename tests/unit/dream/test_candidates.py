from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from kairos.core.judgement.pair_context import PairContext
from kairos.dream.candidates import Candidates, candidates, whole_cosines
from kairos.dream.kept_codec import PairPosition
from kairos.dream.locating import pairs_to_judge
from kairos.dream.numbering import Numbering
from kairos.ml.arrays import Numbers, Scores
from kairos.ml.neighbours import Found
from kairos.ml.pairing import MAX_PARTNERS, MIN_COSINE, Partners
from kairos.model import Claim, Entry, EntryKind, Span


def entry(name: str, digest: str = "") -> Entry:
    return Entry(name, "n.md", Span(0, 1), 1, EntryKind.BULLET, name, name, digest or name, ())


def claim(entry_id: str, text: str) -> Claim:
    return Claim(entry_id, text)


def paired(
    names: str, neighbourhoods: Sequence[Sequence[tuple[int, float]]], digests: dict[str, str] | None = None
) -> list[tuple[str, str, float]]:
    """Pair entries with one claim each; neighbours are given as (position in `names`, cosine)."""
    entries = {name: entry(name, (digests or {}).get(name, "")) for name in names}
    texts = [f"{position:02} {name}" for position, name in enumerate(names)]
    widest = max(map(len, neighbourhoods), default=0)
    scores = np.full((len(names), widest), -1.0)
    rows = np.zeros((len(names), widest), dtype=np.int64)
    for position, near in enumerate(neighbourhoods):
        for place, (row, score) in enumerate(near):
            scores[position, place], rows[position, place] = score, row
    claims = [claim(name, text) for name, text in zip(names, texts, strict=True)]
    found = candidates(Numbering.of(claims, entries), Found(scores, rows))
    return [(found.ids[a], found.ids[b], float(score)) for a, b, score in zip(*found.pairs, strict=True)]


def test_a_pair_found_from_both_sides_is_one_pair_with_the_best_score() -> None:
    assert paired("ba", [[(1, 0.7)], [(0, 0.8)]]) == [("a", "b", 0.8)]


def test_an_entry_is_not_paired_with_itself() -> None:
    assert paired("aa", [[(1, 0.9), (0, 1.0)], [(0, 0.9)]]) == []


def test_claims_below_the_similarity_floor_are_not_paired() -> None:
    assert paired("ab", [[(1, MIN_COSINE - 0.01)], []]) == []
    assert len(paired("ab", [[(1, MIN_COSINE)], []])) == 1


def test_an_entry_has_few_partners_unless_it_is_their_nearest() -> None:
    names = "abcdefghijklmnopqrst"
    rows = [[(i, 0.4 + i / 100) for i in range(1, len(names))], *([] for _ in names[1:])]
    assert len(paired(names, rows)) == len(names) - 1  # "a" is the nearest neighbour of each of them
    crowded = [[(j, 0.9 - abs(i - j) / 100) for j in range(len(names)) if j != i] for i in range(len(names))]
    assert len(paired(names, crowded)) <= MAX_PARTNERS * len(names)


def test_equal_entries_are_paired_in_a_chain_even_without_neighbours() -> None:
    found = paired("abcd", [[], [], [], []], {"a": "x", "b": "x", "c": "x"})
    assert found == [("a", "b", 1.0), ("b", "c", 1.0)]


def test_pairs_are_sorted() -> None:
    found = paired("cab", [[(1, 0.5), (2, 0.6)], [(2, 0.7)], []])
    assert [pair[:2] for pair in found] == [("a", "b"), ("a", "c"), ("b", "c")]


def places(
    scores: dict[tuple[str, str], float],
    claims: float = 0.5,
    composed: frozenset[str] = frozenset(),
    copies: Mapping[str, str] = MappingProxyType({}),
) -> dict[tuple[str, str], PairContext]:
    """Return the contexts of pairs with these cosines; `copies` maps entries to those that they are copies of."""
    ids = sorted({id_ for pair in scores for id_ in pair})
    a, b = (np.array([ids.index(pair[side]) for pair in scores], dtype=np.int64) for side in (0, 1))
    originals = np.array([ids.index(copies.get(id_, id_)) for id_ in ids], dtype=np.int64)
    found = Candidates(
        ids, ids, Partners(a, b, np.full(len(scores), claims)), np.zeros(len(ids), dtype=bool), originals
    )
    wholes = np.array(list(scores.values()))

    def place(x: str, y: str, context: PairContext) -> PairPosition:
        return PairPosition(x, y, "", "", context._replace(composed=x + y in composed))

    return {
        (where.a, where.b): where.context for where in pairs_to_judge(found, wholes, [""] * len(ids), place)
    }


def test_nearest_and_mutually_nearest_pairs_are_marked_and_others_left_out() -> None:
    assert places({("a", "b"): 0.9, ("b", "c"): 0.8, ("a", "c"): 0.7}) == {
        ("a", "b"): PairContext(nearest=True, mutual=True),
        ("b", "c"): PairContext(nearest=True, mutual=False),
    }


def test_dissimilar_pairs_are_left_out_and_composed_ones_sooner() -> None:
    assert places({("a", "b"): 0.6}, composed=frozenset({"ab"})) == {}
    assert places({("a", "b"): 0.6}) == {("a", "b"): PairContext(nearest=True, mutual=True, lonely=True)}
    assert places({("a", "b"): 0.4}) == {}


def test_pairs_with_equal_claims_are_never_left_out() -> None:
    kept = places({("a", "b"): 0.3, ("b", "c"): 0.9}, claims=1.0)
    assert kept[("a", "b")].nearest  # nothing is nearer to "a"
    assert len(kept) == 2


def test_a_pair_is_lonely_if_no_third_entry_is_nearly_as_near() -> None:
    def lonely(third: float) -> bool:
        return places({("a", "b"): 0.9, ("b", "c"): third})["a", "b"].lonely

    assert lonely(0.7)
    assert not lonely(0.8)
    assert not places({("a", "b"): 0.9, ("b", "c"): 0.9})["a", "b"].lonely


def test_a_copy_does_not_stand_between_an_entry_and_its_nearest_other_one() -> None:
    scores = {("a", "b"): 1.0, ("a", "c"): 0.9, ("b", "c"): 0.9}
    assert not places(scores)["a", "c"].mutual
    found = places(scores, copies={"b": "a"})
    assert all(context.mutual for context in found.values())
    assert {pair for pair, context in found.items() if context.lonely} == {("a", "c"), ("b", "c")}


def test_the_cosine_of_claims_is_reused_only_for_pairs_of_single_claim_entries() -> None:
    names = "abcd"
    asked: list[tuple[int, int]] = []

    def measured(_: Sequence[str], ones: Numbers, others: Numbers) -> Scores:
        asked.extend(zip(ones.tolist(), others.tolist(), strict=True))
        return np.full(len(ones), 0.2)

    entries = {name: entry(name, digest) for name, digest in zip(names, "xyzx", strict=True)}
    claims = [*(claim(name, name) for name in "abd"), claim("c", "c, in other words")]
    near = Found(np.full((4, 2), 0.9), np.array([[1, 2], [0, 2], [0, 1], [3, 3]]))
    found = candidates(Numbering.of(claims, entries), near)
    cosines = whole_cosines(found, measured)
    told = {(names[a], names[b]): cosine for a, b, cosine in zip(*found.pairs[:2], cosines, strict=True)}
    assert told == {("a", "b"): 0.9, ("a", "c"): 0.2, ("b", "c"): 0.2, ("a", "d"): 0.2}
    assert asked == [(0, 2), (0, 3), (1, 2)]
