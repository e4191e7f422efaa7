from kairos.core.judge import PairContext
from kairos.core.pairs import FLOOR, MOST, candidate_pairs, pair_contexts
from kairos.model import Claim, Entry, EntryKind, Pair, Span


def entry(name: str, digest: str = "") -> Entry:
    return Entry(name, "n.md", Span(0, 1), 1, EntryKind.BULLET, name, name, digest or name, ())


def claim(entry_id: str) -> Claim:
    return Claim(entry_id, 0, entry_id, "", entry_id)


def paired(
    names: str, neighbourhoods: list[list[tuple[int, float]]], digests: dict[str, str] | None = None
) -> tuple[Pair, ...]:
    entries = {name: entry(name, (digests or {}).get(name, "")) for name in names}
    return candidate_pairs([claim(name) for name in names], neighbourhoods, entries)


def test_a_pair_found_from_both_sides_is_one_pair_with_the_best_score() -> None:
    assert paired("ba", [[(1, 0.7)], [(0, 0.8)]]) == (Pair("a", "b", 0.8),)


def test_an_entry_is_not_paired_with_itself() -> None:
    assert paired("aa", [[(1, 0.9), (0, 1.0)], [(0, 0.9)]]) == ()


def test_what_is_below_the_floor_is_not_paired() -> None:
    assert paired("ab", [[(1, FLOOR - 0.01)], []]) == ()
    assert len(paired("ab", [[(1, FLOOR)], []])) == 1


def test_an_entry_has_a_limited_number_of_partners_unless_it_is_near_for_them() -> None:
    names = "abcdefghijklmnopqrst"
    rows = [[(i, 0.4 + i / 100) for i in range(1, len(names))], *([] for _ in names[1:])]
    assert len(paired(names, rows)) == len(names) - 1  # "a" is the nearest that each of them has
    crowded = [[(j, 0.9 - abs(i - j) / 100) for j in range(len(names)) if j != i] for i in range(len(names))]
    assert len(paired(names, crowded)) <= MOST * len(names)


def test_equal_entries_are_paired_in_a_chain_even_without_neighbours() -> None:
    found = paired("abcd", [[], [], [], []], {"a": "x", "b": "x", "c": "x"})
    assert found == (Pair("a", "b", 1.0), Pair("b", "c", 1.0))


def test_pairs_are_sorted() -> None:
    found = paired("cab", [[(1, 0.5), (2, 0.6)], [(2, 0.7)], []])
    assert [(pair.a, pair.b) for pair in found] == [("a", "b"), ("a", "c"), ("b", "c")]


def test_nearest_and_mutually_nearest_pairs_are_told() -> None:
    scores = {("a", "b"): 0.9, ("b", "c"): 0.8, ("a", "c"): 0.7}
    pairs = [Pair(a, b, 0.0) for a, b in scores]
    contexts = pair_contexts(pairs, lambda a, b: scores[a, b], lambda a, b: (a, b) == ("a", "c"))
    assert contexts[("a", "b")] == PairContext(nearest=True, mutual=True)
    assert contexts[("b", "c")] == PairContext(nearest=True, mutual=False)
    assert contexts[("a", "c")] == PairContext(nearest=False, mutual=False, composed=True)
