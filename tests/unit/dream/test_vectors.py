"""Vectors and cosines: a pair has the same cosine however it is computed."""

from __future__ import annotations

import numpy as np
import pytest

from kairos.dream.vectors import Vectors
from tests.light import WordEncoder


def test_a_pair_has_the_same_cosine_alone_and_in_a_batch() -> None:
    vectors = Vectors(WordEncoder())
    words = "kiln glaze clay wheel slip cone ash bisque crackle raku".split()
    texts = [" ".join(words[start : start + size]) for start in range(8) for size in (1, 2, 3)]
    ones, others = (np.ravel(side) for side in np.mgrid[: len(texts), : len(texts)])
    together = vectors.similarities(texts, ones, others)
    for one, other, found in zip(ones, others, together, strict=True):
        assert vectors.similarity(texts[one], texts[other]) == found == round(float(found), 6)


def test_remembered_cosines_equal_fresh_ones() -> None:
    words = "kiln glaze clay wheel slip cone ash".split()
    texts = [" ".join(words[start : start + 2]) for start in range(6)]
    ones, others = (np.ravel(side) for side in np.mgrid[:6, :6])
    vectors = Vectors(WordEncoder())
    vectors.similarities(texts, ones[::2], others[::2])
    for order in (texts, texts[::-1], [*texts[3:], "raku", *texts[:2]]):
        afresh = Vectors(WordEncoder()).similarities(order, ones, others)
        assert vectors.similarities(order, ones, others).tolist() == afresh.tolist()
    assert vectors.similarities(texts, ones[:0], others[:0]).tolist() == []


def test_texts_added_in_order_get_their_vectors_without_a_copy() -> None:
    vectors = Vectors(WordEncoder())
    texts = [f"kiln {number}" for number in range(40)]
    vectors.add(texts)
    first, copied = vectors.matrix(texts[3:30]), vectors.matrix(texts[::-1])
    assert np.shares_memory(first, vectors.matrix(texts))
    np.testing.assert_array_equal(first, copied[::-1][3:30])
    assert vectors.matrix([]).shape == (0, WordEncoder().dimension)


def test_progress_counts_texts_over_all_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kairos.dream.vectors._ENCODE_BATCH", 4)
    steps: list[tuple[int, int]] = []
    Vectors(WordEncoder()).add(map(str, range(10)), lambda *step: steps.append(step))
    assert steps[-1] == (10, 10)
    assert steps == sorted(steps)


def test_forgotten_texts_are_embedded_again() -> None:
    vectors = Vectors(WordEncoder())
    texts = ["kiln glaze", "glaze clay", "clay wheel"]
    before = vectors.similarity(*texts[:2]), vectors.matrix(texts).tolist()
    vectors.forget()
    assert (vectors.similarity(*texts[:2]), vectors.matrix(texts).tolist()) == before


def test_known_vectors_are_kept_and_missing_ones_taken_over() -> None:
    vectors, others = Vectors(WordEncoder()), Vectors(WordEncoder())
    texts = [f"kiln {number}" for number in range(3)]
    made = others.matrix(texts)
    assert vectors.adopt(texts[:2], made[:2])
    assert not vectors.adopt(texts, made[::-1])
    np.testing.assert_array_equal(vectors.matrix(texts), [made[0], made[1], made[0]])
