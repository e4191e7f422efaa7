"""Which entries are worth comparing: those that have close claims.

All of it works on arrays, since each claim has a dozen candidates. Entries, claims and texts are numbers here: a claim
belongs to an entry and has a text, and claims with equal texts share one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kairos.errors import KairosError
from kairos.ml.arrays import Flags, Numbers, Scores
from kairos.ml.neighbours import Found

MIN_COSINE = 0.35
"""Claims less similar than this (cosine) do not make their entries a pair."""
LONELY = 0.15
"""A pair is lonely if every other partner of either side is at least this much less similar (cosine)."""
MAX_PARTNERS = 12
"""At most this many partners of an entry are kept, the nearest ones, and at most this many claims of a text used."""

_ENTRY_BITS, _SCORE_BITS = 20, 23
"""Widths of the fields of a packed integer: (entry, entry, score) or (entry, score), the score in millionths. Packed
integers sort field by field. Twenty bits hold a million entries; 20 + 20 + 23 are the 63 bits of a positive int64."""
_MILLION = 1_000_000
_OPPOSITE = -1.0
"""The least cosine, which makes a pair the farthest of all."""
_SCORE_MASK = (1 << _SCORE_BITS) - 1
_SCORE_OFFSET = 1 << (_SCORE_BITS - 1)


class _ClaimPairs(NamedTuple):
    """Pairs of claims with their cosines."""

    a: Numbers
    b: Numbers
    scores: Scores


class Partners(NamedTuple):
    """Pairs of entries `a` < `b`, distinct and sorted, with the cosine of their nearest claims."""

    a: Numbers
    b: Numbers
    scores: Scores


def partners(entries: Numbers, texts: Numbers, near: Found, *, at_once: int = 8192) -> Partners:
    """Return the pairs of entries that have close claims, reduced to the nearest partners of each entry.

    Claim `i` belongs to entry `entries[i]` and has text `texts[i]`; `near` holds the nearest texts of each text, with
    scores of six decimals. Claims are processed `at_once` at a time and their pairs deduplicated, because most claims
    bring up the same pairs again and again. Raises KairosError for more than a million entries.
    """
    if entries.max(initial=0) >> _ENTRY_BITS:
        raise KairosError(
            f"There are more than {1 << _ENTRY_BITS:,} entries, too many to compare.",
            "Split the directory into several roots: list its parts under `roots` in the configuration.",
        )
    holders = _Holders.of(texts, len(near.rows))
    parts = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(texts), at_once):
        claims, others, scores = _close_claims(texts[start : start + at_once], near, holders)
        ours, theirs = entries[start + claims], entries[others]
        apart = ours != theirs
        parts.append(_deduplicated(_packed(ours[apart], theirs[apart], scores[apart])))
    found = _unpacked(_deduplicated(np.concatenate(parts)))
    parts.clear()  # millions of pairs: free them before the next step
    return _nearest_partners(found)


def with_pairs(found: Partners, a: Numbers, b: Numbers) -> Partners:
    """Return `found` together with pairs (`a` < `b`) that are known to be alike, whose cosine is 1."""
    alike = _packed(a, b, np.ones(len(a)))
    return _unpacked(_deduplicated(np.concatenate((_packed(*found), alike))))


class Nearness(NamedTuple):
    """How near each pair is among all pairs.

    `nearest`: it is the best pair of at least one side; `mutual`: of both; `lonely`: see `LONELY`.
    """

    nearest: Flags
    mutual: Flags
    lonely: Flags


def nearness(found: Partners, scores: Scores, originals: Numbers) -> Nearness:
    """Return how near each pair is by `scores`.

    `originals[i]` is the entry that entry `i` is a copy of, or `i`. An entry and its copies count as one, so that a
    copy never stands between an entry and the nearest one that says something else. Copies are each other's nearest.
    """
    a, b = originals[found.a], originals[found.b]
    alike = a == b
    pairs = Partners(a, b, np.where(alike, _OPPOSITE, scores))
    counts = ~alike & ~_repeated(pairs, originals)
    near, mutual = _nearest(pairs)
    return Nearness(near | alike, mutual | alike, _lonely(pairs, counts) & ~alike)


def _repeated(pairs: Partners, originals: Numbers) -> Flags:
    """Return which pairs of originals occur before in `pairs`. Gives each occurrence the best score of all."""
    is_copied = np.zeros(len(originals), dtype=bool)
    is_copied[originals[originals != np.arange(len(originals))]] = True
    at = np.flatnonzero((is_copied[pairs.a] | is_copied[pairs.b]) & (pairs.a != pairs.b))
    found, first, row = np.unique(
        _packed_pair(pairs.a[at], pairs.b[at]), return_index=True, return_inverse=True
    )
    best = np.full(len(found), _OPPOSITE)
    np.maximum.at(best, row, pairs.scores[at])
    pairs.scores[at] = best[row]
    repeated = np.zeros(len(pairs.a), dtype=bool)
    repeated[at] = True
    repeated[at[first]] = False
    return repeated


def _nearest(pairs: Partners) -> tuple[Flags, Flags]:
    """Return two flags for each pair: it is the best pair of at least one side, and of both sides."""
    best = np.full(int(max(pairs.a.max(initial=-1), pairs.b.max(initial=-1))) + 1, -np.inf)
    np.maximum.at(best, pairs.a, pairs.scores)
    np.maximum.at(best, pairs.b, pairs.scores)
    of_a, of_b = pairs.scores >= best[pairs.a], pairs.scores >= best[pairs.b]
    return of_a | of_b, of_a & of_b


def _lonely(pairs: Partners, counts: Flags) -> Flags:
    """Return for each pair whether no third entry comes close for either side; only pairs that count bring thirds."""
    sides, scores = np.concatenate((pairs.a, pairs.b)), pairs.scores
    ranked = np.sort(_ranking(sides, np.tile(_descending(np.where(counts, scores, _OPPOSITE)), 2)))
    count = np.bincount(sides)
    first = np.cumsum(count) - count
    best, second = np.full(len(count), -np.inf), np.full(len(count), -np.inf)
    best[count > 0] = _ranked_scores(ranked[first[count > 0]])
    second[count > 1] = _ranked_scores(ranked[first[count > 1] + 1])
    third_a = np.where(scores >= best[pairs.a], second[pairs.a], best[pairs.a])
    third_b = np.where(scores >= best[pairs.b], second[pairs.b], best[pairs.b])
    return scores - np.maximum(third_a, third_b) >= LONELY


class _Holders(NamedTuple):
    """The claims of each text: `held` (at most `MAX_PARTNERS`) of them, from position `first` in `claims`."""

    claims: Numbers
    first: Numbers
    held: Numbers

    @classmethod
    def of(cls, texts: Numbers, count: int) -> _Holders:
        claims = np.bincount(texts, minlength=count)
        first = np.cumsum(claims) - claims
        return cls(np.argsort(texts, kind="stable"), first, np.minimum(claims, MAX_PARTNERS))


def _close_claims(texts: Numbers, near: Found, holders: _Holders) -> _ClaimPairs:
    """Return pairs (claim, other claim, cosine): `texts[i]` is the text of claim `i`, and the other claims have one of
    the texts nearest to it."""
    lines = near.scores[texts]
    is_close = lines >= MIN_COSINE
    claims = np.repeat(np.arange(len(texts)), np.count_nonzero(is_close, axis=1))
    found, scores = near.rows[texts][is_close], lines[is_close]
    each = holders.held[found]
    ends = np.cumsum(each)
    # One row for each claim that has a near text; the claims of a text are adjacent in `holders.claims`.
    others = np.repeat(holders.first[found] - (ends - each), each)
    others += np.arange(len(others))
    return _ClaimPairs(np.repeat(claims, each), holders.claims[others], np.repeat(scores, each))


def _packed(a: Numbers, b: Numbers, scores: Scores) -> Numbers:
    """Pack each pair and its score, which must not be negative, into an integer."""
    return (_packed_pair(a, b) << _SCORE_BITS) | _in_millionths(scores)


def _packed_pair(a: Numbers, b: Numbers) -> Numbers:
    """Pack each pair, the smaller number first, into an integer."""
    packed: Numbers = (np.minimum(a, b) << _ENTRY_BITS) | np.maximum(a, b)
    return packed


def _unpacked(packed: Numbers) -> Partners:
    pairs = packed >> _SCORE_BITS
    return Partners(
        pairs >> _ENTRY_BITS, pairs & ((1 << _ENTRY_BITS) - 1), (packed & _SCORE_MASK) / float(_MILLION)
    )


def _deduplicated(packed: Numbers) -> Numbers:
    """Return each pair once, sorted, with its best score. Sorts `packed` in place."""
    packed.sort()
    pairs = packed >> _SCORE_BITS
    is_last = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=is_last[:-1])
    return packed[is_last]


def _in_millionths(scores: Scores) -> Numbers:
    whole: Numbers = np.rint(scores * _MILLION).astype(np.int64)
    return whole


def _ranking(entries: Numbers, scores: Numbers) -> Numbers:
    """Pack each entry and its score from `_descending`: sorted, those of an entry are adjacent, best score first."""
    ranking: Numbers = entries << _SCORE_BITS
    ranking |= scores
    return ranking


def _descending(scores: Scores) -> Numbers:
    """Return integers that sort from the best score to the worst."""
    return _SCORE_OFFSET - _in_millionths(scores)


def _ranked_scores(ranking: Numbers) -> Scores:
    return (_SCORE_OFFSET - (ranking & _SCORE_MASK)) / float(_MILLION)


def _nearest_partners(found: Partners) -> Partners:
    """Keep the nearest partners of each entry; a pair stays if it is near for either side."""
    # Pairs are sorted: going through them by `b` and then by `a` meets the partners of each entry in ascending order.
    sides, scores, pairs = (found.b, found.a), _descending(found.scores), len(found.a)
    ranked = np.empty(2 * pairs, dtype=np.int64)
    for side, half in zip(sides, (ranked[:pairs], ranked[pairs:]), strict=True):
        half[:] = _ranking(side, scores)
    ranked.sort()
    first, last = _first_and_last(ranked)
    near, level, rankings = [], [], []
    for side in sides:
        ranking, limit = _ranking(side, scores), last[side]
        near.append(ranking <= limit)
        level.append(np.flatnonzero(ranking == limit))
        rankings.append(ranking[level[-1]])
    # Among partners as near as the last one that stays, the first ones stay.
    surplus = _surplus(np.concatenate(rankings), ranked, first)
    for one, at, goes in zip(near, level, np.split(surplus, [len(level[0])]), strict=True):
        one[at[goes]] = False
    stays = near[0] | near[1]
    return Partners(found.a[stays], found.b[stays], found.scores[stays])


def _first_and_last(ranked: Numbers) -> tuple[Numbers, Numbers]:
    """Return for each entry where its integers begin in `ranked`, and that of the last partner that stays; the largest
    int64 where all stay."""
    count = np.bincount(ranked >> _SCORE_BITS)
    first = np.cumsum(count) - count
    last = np.full(len(count), np.iinfo(np.int64).max)
    crowded = np.flatnonzero(count > MAX_PARTNERS)
    last[crowded] = ranked[first[crowded] + MAX_PARTNERS - 1]
    return first, last


def _surplus(level: Numbers, ranked: Numbers, first: Numbers) -> Flags:
    """Return which partners in `level`, each tied with the last one that its entry keeps, exceed `MAX_PARTNERS`."""
    order = np.argsort(level >> _SCORE_BITS, kind="stable")
    ordered = level[order]
    sides = ordered >> _SCORE_BITS
    equal = np.bincount(sides, minlength=len(first))
    place = np.arange(len(level)) - np.repeat(np.cumsum(equal) - equal, equal)
    before = np.searchsorted(ranked, ordered, side="left") - first[sides]
    surplus = np.zeros(len(level), dtype=bool)
    surplus[order] = before + place >= MAX_PARTNERS
    return surplus
