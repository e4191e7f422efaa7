"""Cosines: one comparison, whoever asks."""

from __future__ import annotations

from kairos.dream.vectors import Vectors
from tests.light import WordEncoder


def test_one_pair_has_the_cosine_that_it_has_among_many() -> None:
    vectors = Vectors(WordEncoder())
    words = "kiln glaze clay wheel slip cone ash bisque crackle raku".split()
    texts = [" ".join(words[start : start + size]) for start in range(8) for size in (1, 2, 3)]
    ones, others = zip(*((a, b) for a in texts for b in texts), strict=True)
    together = vectors.similarities(ones, others)
    for one, other, found in zip(ones, others, together, strict=True):
        assert vectors.similarity(one, other) == found == round(float(found), 6)
