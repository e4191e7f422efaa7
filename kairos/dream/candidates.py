"""Candidate pairs of a look: entries that have similar claims, or equal text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kairos.dream.numbering import Numbering
from kairos.ml.arrays import Flags, Numbers, Scores
from kairos.ml.memory import give_back
from kairos.ml.neighbours import Found
from kairos.ml.pairing import Partners, partners, with_pairs

Similarities = Callable[[Sequence[str], Numbers, Numbers], Scores]
"""(texts, row numbers of one side, row numbers of the other) → the cosine of each pair."""


class Candidates(NamedTuple):
    """Pairs of entries with a claim in each other's neighbourhood, as numbers of entries.

    By these numbers: `ids` and `texts` of the entries, `is_single_claim`, whether an entry's only claim is its whole
    text, and `originals`, the first entry with the same words: the entry itself unless it is a copy.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    pairs: Partners
    is_single_claim: Flags
    originals: Numbers


def candidates(numbering: Numbering, near: Found) -> Candidates:
    """Return every pair of entries with claims near each other, and entries with equal digests.

    `near` are the nearest texts of each claim's text. Entries with equal digests are paired in a chain, so that n
    copies make n − 1 pairs.
    """
    found = partners(numbering.of_claims, numbering.of_texts, near)
    copies = _copies(numbering.digests)
    pairs = with_pairs(found, *_chained(copies))
    give_back()
    originals = _originals(copies, len(numbering.ids))
    return Candidates(numbering.ids, numbering.entry_texts, pairs, numbering.is_single_claim, originals)


def whole_cosines(found: Candidates, similarities: Similarities) -> Scores:
    """Return the cosine of the whole texts of each pair; for two entries of one claim each, that of the claims."""
    a, b, scores = found.pairs
    cosines = scores.copy()
    # A score of 1 may stand for equal digests: such a pair has no measured cosine.
    unmeasured = np.flatnonzero(~(found.is_single_claim[a] & found.is_single_claim[b]) | (scores >= 1))
    cosines[unmeasured] = similarities(found.texts, a[unmeasured], b[unmeasured])
    return cosines


def _copies(digests: Sequence[str]) -> list[list[int]]:
    """Return the groups of entries with equal digests, each in ascending order."""
    groups: dict[str, list[int]] = {digest: [] for digest, count in Counter(digests).items() if count > 1}
    for number, digest in enumerate(digests):
        if digest in groups:
            groups[digest].append(number)
    return list(groups.values())


def _chained(copies: Sequence[Sequence[int]]) -> tuple[Numbers, Numbers]:
    pairs = [pair for group in copies for pair in pairwise(group)]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return one, other


def _originals(copies: Sequence[Sequence[int]], count: int) -> Numbers:
    originals = np.arange(count)
    for group in copies:
        originals[group] = group[0]
    return originals
