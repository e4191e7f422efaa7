"""Which entries are worth comparing: those with a close claim, and those with the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from kairos.core.judge import PairContext
from kairos.model import Claim, Entry, Pair

FLOOR = 0.35
"""Claims less similar than this (cosine) do not bring their entries together."""
MOST = 12
"""Partners of one entry at most, nearest first."""

Neighbourhood = Sequence[tuple[int, float]]
"""Neighbours of one claim: (row of the other claim, cosine), best first."""


def candidate_pairs(
    claims: Sequence[Claim], neighbourhoods: Iterable[Neighbourhood], entries: Mapping[str, Entry]
) -> tuple[Pair, ...]:
    """Return every pair of entries with a claim in each other's neighbourhood, sorted by ids.

    Entries with equal digests are always paired, in a chain, so that many copies do not make many pairs.
    """
    best: dict[tuple[str, str], float] = {}
    for claim, neighbours in zip(claims, neighbourhoods, strict=True):
        for row, score in neighbours:
            other = claims[row].entry_id
            if score >= FLOOR and other != claim.entry_id:
                key = _key(claim.entry_id, other)
                best[key] = max(best.get(key, -1.0), score)
    nearest = _nearest(best)
    for key in _equal(entries.values()):
        nearest[key] = 1.0
    return tuple(Pair(a, b, score) for (a, b), score in sorted(nearest.items()))


def _key(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _nearest(best: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Keep the nearest partners of each entry; a pair stays if it is near for either side."""
    partners: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for (a, b), score in best.items():
        partners[a].append((-score, b))
        partners[b].append((-score, a))
    kept = {}
    for entry, found in partners.items():
        for score, other in sorted(found)[:MOST]:
            kept[_key(entry, other)] = -score
    return kept


def _equal(entries: Iterable[Entry]) -> Iterable[tuple[str, str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        groups[entry.digest].append(entry.id)
    for ids in groups.values():
        for a, b in pairwise(sorted(ids)):
            yield _key(a, b)


def pair_contexts(
    pairs: Sequence[Pair], similarity: Callable[[str, str], float], is_composed: Callable[[str, str], bool]
) -> dict[tuple[str, str], PairContext]:
    """Return where each pair stands: `similarity` compares whole entries, `is_composed` looks at their places."""
    scores = {(pair.a, pair.b): similarity(pair.a, pair.b) for pair in pairs}
    best: dict[str, float] = {}
    for (a, b), score in scores.items():
        best[a] = max(best.get(a, -1.0), score)
        best[b] = max(best.get(b, -1.0), score)
    contexts = {}
    for (a, b), score in scores.items():
        of_a, of_b = score >= best[a], score >= best[b]
        contexts[a, b] = PairContext(of_a or of_b, of_a and of_b, is_composed(a, b))
    return contexts
