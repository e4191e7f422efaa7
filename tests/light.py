"""Tiny models that only compare words, for tests that run thousands of dreams. They implement the real interfaces."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kairos.config import parse_config
from kairos.dream import Kairos
from kairos.dream.vectors import Vectors
from kairos.ml.opinion_cache import CachedJudge
from kairos.model import Opinion
from tests.conftest import Bed

Progress = Callable[[int, int], None]
_WORD = re.compile(r"\w+")
_DIMENSION = 64


class WordEncoder:
    """Embeds a text as the normalised sum of its words' vectors; each word has a pseudo-random direction."""

    name = fingerprint = "words"
    dimension = _DIMENSION

    def __init__(self) -> None:
        self._directions: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return one row of unit length per text."""
        rows = np.array([self._row(text) for text in texts], dtype=np.float32).reshape(-1, _DIMENSION)
        if progress is not None:
            progress(len(texts), len(texts))
        return rows

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return how many characters each text has."""
        return list(map(len, texts))

    def load(self) -> None:
        """Do nothing: there is no model to load."""

    def unload(self) -> None:
        """Do nothing: there is no model to unload."""

    def _row(self, text: str) -> NDArray[np.float32]:
        words = _words(text) or {""}
        row = sum((self._direction(word) for word in sorted(words)), np.zeros(_DIMENSION, dtype=np.float32))
        found: NDArray[np.float32] = (row / np.linalg.norm(row)).astype(np.float32)
        return found

    def _direction(self, word: str) -> NDArray[np.float32]:
        if word not in self._directions:
            bits = np.frombuffer(hashlib.shake_128(word.encode()).digest(_DIMENSION), dtype=np.int8)
            self._directions[word] = bits.astype(np.float32)
        return self._directions[word]


class WordCounts:
    """Embeds texts by word counts: they are similar to the degree that they share words."""

    name = fingerprint = "word counts"
    dimension = 512

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return one row of unit length per text."""
        del progress
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.strip(".:,—").encode()) % self.dimension] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return how many characters each text has."""
        return list(map(len, texts))

    def load(self) -> None:
        """Do nothing: there is no model to load."""

    def unload(self) -> None:
        """Do nothing: there is no model to unload."""


class WordJudge:
    """Finds two texts the same if they have the same words in any order; more words contain fewer."""

    name = fingerprint = "words"

    def load(self) -> None:
        """Do nothing: there is no model to load."""

    def opinions(self, pairs: Sequence[tuple[str, str]], progress: Progress | None = None) -> list[Opinion]:
        """Return an opinion of each pair, from its words alone."""
        if progress is not None:
            progress(len(pairs), len(pairs))
        return [_opinion(_words(a), _words(b)) for a, b in pairs]

    def unload(self) -> None:
        """Do nothing: there is no model to unload."""


class SameWords:
    """A likeness of texts for which only equal texts say the same; without one, the first is the nearest."""

    def covers(self, text: str, by: Sequence[str]) -> bool:
        """Whether the text is among the others."""
        return text in by

    def nearest(self, text: str, among: Sequence[str]) -> str:
        """Return the text itself if it is among the others, else the first of them."""
        return text if text in among else among[0]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _opinion(a: set[str], b: set[str]) -> Opinion:
    if a == b:
        return Opinion(0.98, 0.005, 0.005, 0.005, 0.005)
    if a > b or a < b:
        return Opinion(0.02, 0.94 if a > b else 0.01, 0.94 if a < b else 0.01, 0.02, 0.01)
    if len(a ^ b) <= 2:
        return Opinion(0.02, 0.01, 0.01, 0.94, 0.02)
    return Opinion(0.005, 0.005, 0.005, 0.005, 0.98)


def light_front(home: Path, now: datetime, name: str = "front") -> Kairos:
    """Return a front door with the tiny models, for the root `memory` in a directory; `name` tells its cache apart."""
    model = CachedJudge(WordJudge(), home / f"opinions-{name}.db")
    config = parse_config("limits: {max_removed_fraction: 0.6}", "test")
    return Kairos(config, env={"HOME": str(home)}, now=now, _vectors=Vectors(WordEncoder()), _judge=model)


def light_bed(directory: Path, files: Mapping[str, str | bytes]) -> Bed:
    """Make a root with these files, and a front door to it with the tiny models."""
    return Bed(directory, Vectors(WordEncoder()), CachedJudge(WordJudge(), directory / "opinions.db"), files)
