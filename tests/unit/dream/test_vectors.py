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
