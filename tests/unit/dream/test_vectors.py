"""Cosines: one comparison, whoever asks."""

from __future__ import annotations

import numpy as np

from kairos.dream.vectors import Vectors
from tests.light import WordEncoder


def test_one_pair_has_the_cosine_that_it_has_among_many() -> None:
    vectors = Vectors(WordEncoder())
    words = "kiln glaze clay wheel slip cone ash bisque crackle raku".split()
    texts = [" ".join(words[start : start + size]) for start in range(8) for size in (1, 2, 3)]
    ones, others = (np.ravel(side) for side in np.mgrid[: len(texts), : len(texts)])
    together = vectors.similarities(texts, ones, others)
    for one, other, found in zip(ones, others, together, strict=True):
        assert vectors.similarity(texts[one], texts[other]) == found == round(float(found), 6)


def test_pairs_that_were_measured_before_have_the_cosine_that_they_have_afresh() -> None:
    words = "kiln glaze clay wheel slip cone ash".split()
    texts = [" ".join(words[start : start + 2]) for start in range(6)]
    ones, others = (np.ravel(side) for side in np.mgrid[:6, :6])
    vectors = Vectors(WordEncoder())
    vectors.similarities(texts, ones[::2], others[::2])
    for order in (texts, texts[::-1], [*texts[3:], "raku", *texts[:2]]):
        afresh = Vectors(WordEncoder()).similarities(order, ones, others)
        assert vectors.similarities(order, ones, others).tolist() == afresh.tolist()
    assert vectors.similarities(texts, ones[:0], others[:0]).tolist() == []
