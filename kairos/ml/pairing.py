"""Which entries are worth comparing: those with a close claim. In arrays: each claim has a dozen candidates.

Entries, claims and texts are numbers here: a claim has an entry and a text, equal texts are one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.ml.neighbours import Found

FLOOR = 0.35
"""Claims less similar than this (cosine) do not bring their entries together."""
LONELY = 0.15
"""How much less near (cosine) all others are to two that are lonely."""
MOST = 12
"""Partners of one entry at most, nearest first; and claims of one text that are looked at."""

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]


class _Pairs(NamedTuple):
    """Pairs of anything, with a cosine each."""

    a: Numbers
    b: Numbers
    scores: Scores


class Partners(NamedTuple):
    """Pairs of entries `a` < `b`, each once and in order, with the cosine of their nearest claims."""

    a: Numbers
    b: Numbers
    scores: Scores


def partners(entries: Numbers, texts: Numbers, near: Found, *, at_once: int = 8192) -> Partners:
    """Return every pair of entries with a claim in each other's neighbourhood.

    Claim `i` belongs to entry `entries[i]` and has text `texts[i]`; `near` are the nearest texts of each text. So many
    claims are looked at `at_once`: most of them bring the same pairs together again and again.
    """
    holders = _Holders.of(texts, len(near.rows))
    nothing = np.zeros(0, dtype=np.int64)
    parts = [_Pairs(nothing, nothing, np.zeros(0))]
    for start in range(0, len(texts), at_once):
        claims, others, scores = _close(texts[start : start + at_once], near, holders)
        ours, theirs = entries[start + claims], entries[others]
        apart = ours != theirs
        parts.append(_once(ours[apart], theirs[apart], scores[apart]))
    return _nearest(*_once(*map(np.concatenate, zip(*parts, strict=True))))


def joined(found: Partners, a: Numbers, b: Numbers) -> Partners:
    """Return the pairs with others (`a` < `b`) that are certainly alike."""
    return Partners(
        *_once(
            np.concatenate((found.a, a)),
            np.concatenate((found.b, b)),
            np.concatenate((found.scores, np.ones(len(a)))),
        )
    )


def nearest(found: Partners, scores: Scores) -> tuple[Flags, Flags]:
    """Return for each pair whether one of its sides, and whether both, have no better one by `scores`."""
    most = int(max(found.b.max(initial=-1), found.a.max(initial=-1))) + 1
    best = np.full(most, -np.inf)
    np.maximum.at(best, found.a, scores)
    np.maximum.at(best, found.b, scores)
    of_a, of_b = scores >= best[found.a], scores >= best[found.b]
    return of_a | of_b, of_a & of_b


def lonely(found: Partners, scores: Scores) -> Flags:
    """Return for each pair whether no third entry is nearly as near to one of its sides, by `scores`."""
    sides = np.concatenate((found.a, found.b))
    both = np.concatenate((scores, scores))
    order = np.lexsort((-both, sides))
    sides, both = sides[order], both[order]
    firsts = np.flatnonzero(np.append(True, np.diff(sides) != 0)[: len(sides)])
    most = int(sides.max(initial=-1)) + 1
    best, second = np.full(most, -np.inf), np.full(most, -np.inf)
    best[sides[firsts]] = both[firsts]
    others = firsts[np.append(np.diff(firsts), len(sides) - firsts[-1:]) > 1] + 1  # they come best first
    second[sides[others]] = both[others]
    third_a = np.where(scores >= best[found.a], second[found.a], best[found.a])
    third_b = np.where(scores >= best[found.b], second[found.b], best[found.b])
    return scores - np.maximum(third_a, third_b) >= LONELY


class _Holders(NamedTuple):
    """The claims of each text: `held` of them, in `claims` from `first` on."""

    claims: Numbers
    first: Numbers
    held: Numbers

    @classmethod
    def of(cls, texts: Numbers, count: int) -> _Holders:
        claims = np.bincount(texts, minlength=count)
        first = np.cumsum(claims) - claims
        return cls(np.argsort(texts, kind="stable"), first, np.minimum(claims, MOST))


def _close(texts: Numbers, near: Found, holders: _Holders) -> _Pairs:
    """Return (claim, other claim, cosine) for each claim, which has one of `texts`, and those that have one of its
    nearest texts."""
    claims, place = np.nonzero(near.scores[texts] >= FLOOR)
    found = near.rows[texts[claims], place]
    scores = near.scores[texts[claims], place].astype(np.float64)
    each = holders.held[found]
    # One line for each claim that has the text: those of one text stand side by side.
    offsets = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
    others = holders.claims[np.repeat(holders.first[found], each) + offsets]
    return _Pairs(np.repeat(claims, each), others, np.repeat(scores, each))


def _once(a: Numbers, b: Numbers, scores: Scores) -> _Pairs:
    """Return each pair once, in order, with its best score."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.argsort(low * (int(high.max(initial=0)) + 1) + high, kind="stable")
    low, high, scores = low[order], high[order], scores[order]
    starts = np.flatnonzero(np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0))[: len(low)])
    best = np.maximum.reduceat(scores, starts) if len(starts) else scores
    return _Pairs(low[starts], high[starts], best)


def _nearest(a: Numbers, b: Numbers, scores: Scores) -> Partners:
    """Keep the nearest partners of each entry; a pair stays if it is near for either side."""
    # The pairs are in order: behind each other, first as `b` and then as `a`, the partners of an entry are so as well.
    best_first = np.argsort(np.tile(-scores, 2), kind="stable")
    order = best_first[np.argsort(np.concatenate((b, a))[best_first], kind="stable")]
    count = np.bincount(np.concatenate((b, a)))
    place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    stays = np.zeros(len(a), dtype=bool)
    stays[order[place < MOST] % max(len(a), 1)] = True
    return Partners(a[stays], b[stays], scores[stays])
