"""Vectors and cosines: a pair has the same cosine however it is computed."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_texts_that_were_added_in_order_have_their_vectors_without_a_copy() -> None:
    vectors = Vectors(WordEncoder())
    texts = [f"kiln {number}" for number in range(40)]
    vectors.add(texts)
    first, copied = vectors.matrix(texts[3:30]), vectors.matrix(texts[::-1])
    assert np.shares_memory(first, vectors.matrix(texts))
    np.testing.assert_array_equal(first, copied[::-1][3:30])
    assert vectors.matrix([]).shape == (0, WordEncoder().dimension)


def test_progress_counts_texts_over_all_that_is_embedded_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kairos.dream.vectors._ENCODE_BATCH", 4)
    steps: list[tuple[int, int]] = []
    Vectors(WordEncoder()).add(map(str, range(10)), lambda *step: steps.append(step))
    assert steps[-1] == (10, 10)
    assert steps == sorted(steps)


def test_what_was_forgotten_is_embedded_again() -> None:
    vectors = Vectors(WordEncoder())
    texts = ["kiln glaze", "glaze clay", "clay wheel"]
    before = vectors.similarity(*texts[:2]), vectors.matrix(texts).tolist()
    vectors.forget()
    assert (vectors.similarity(*texts[:2]), vectors.matrix(texts).tolist()) == before


def test_what_is_known_stays_as_it_was_and_the_rest_is_taken_over() -> None:
    vectors, others = Vectors(WordEncoder()), Vectors(WordEncoder())
    texts = [f"kiln {number}" for number in range(3)]
    made = others.matrix(texts)
    assert vectors.know(texts[:2], made[:2])
    assert not vectors.know(texts, made[::-1])
    np.testing.assert_array_equal(vectors.matrix(texts), [made[0], made[1], made[0]])
