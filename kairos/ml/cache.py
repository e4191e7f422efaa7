"""A cache of vectors in one SQLite file, so that only new texts reach the model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path

import numpy as np

from kairos.ml.background import in_background
from kairos.ml.cache_file import CacheFile
from kairos.ml.cache_filling import fill
from kairos.ml.encoder import Encoder, Progress, Vectors
from kairos.ml.loading import BackgroundLoad
from kairos.ml.threads import reserve_core

_COMMIT_EVERY = 512  # texts: an interrupted run loses a few seconds of work at most
_BACKGROUND_BATCH = 16
"""Texts in one background batch. Whoever asks for vectors has to wait for the batch in progress."""
_LENGTH_TOLERANCE = 1e-3
# Not WITHOUT ROWID: every vector would spill into a page of its own.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    model BLOB NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text)
)
"""


class CachedEncoder:
    """An encoder that asks `encoder` only for texts whose vectors are not in the file at `path`.

    Vectors are kept unrounded, so that a warm run gives exactly what the cold one gave. A file that cannot be used
    never stops anything; `notices` says what was done instead, after the `notices` about the encoder itself.
    """

    def __init__(self, encoder: Encoder, path: Path, notices: Sequence[str] = ()) -> None:
        self._encoder = encoder
        self._encoder_notices = notices
        self._loading = BackgroundLoad(encoder.load)
        self._begun: list[Future[dict[bytes, Vectors]]] = []
        self._file = CacheFile(
            path,
            _SCHEMA,
            by_model="vectors",
            called="vector cache",
            contents="vectors of this run",
            remedy=", and the vectors are computed again",
        )

    @property
    def notices(self) -> list[str]:
        """Notices about the encoder and about the file."""
        return [*self._encoder_notices, *self._file.notices]

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """A string that changes with the model's weights and settings."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._encoder.dimension

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """Return the encoder's length of each text."""
        return self._encoder.lengths(texts)

    def load(self) -> None:
        """Start loading the model in the background; the first new text waits until it is loaded."""
        self._loading.begin()

    def begin(self, texts: Sequence[str]) -> None:
        """Start embedding the new ones among `texts` in a background thread, until vectors are asked for.

        The thread does not touch the file: at every row it would have to wait for the work in the foreground.
        """
        self._store(self._stop_background())
        digests = {_digest(text): text for text in texts}
        query = "SELECT text FROM vectors WHERE model = ? AND text IN ({keys})"
        known = {key for (key,) in self._file.select(query, sorted(digests), _digest(self.fingerprint))}
        missing = {key: text for key, text in digests.items() if key not in known}
        in_order = cache(partial(self._in_order_of_lengths, missing))  # for all batches, by the first of them
        starts = range(0, len(missing), _BACKGROUND_BATCH)
        # If no thread can be started there are no futures: these texts are embedded on demand.
        self._begun += in_background(
            *(partial(self._encode_in_background, missing, in_order, start) for start in starts)
        )

    def _in_order_of_lengths(self, texts: Mapping[bytes, str]) -> list[bytes]:
        """Sort keys by the encoder's lengths of their texts, so that a small batch has few different ones."""
        self._loading.wait()
        lengths = dict(zip(texts, self._encoder.lengths(list(texts.values())), strict=True))
        return sorted(texts, key=lambda key: (lengths[key], key))

    def _encode_in_background(
        self, texts: Mapping[bytes, str], in_order: Callable[[], list[bytes]], start: int
    ) -> dict[bytes, Vectors]:
        keys = in_order()[start : start + _BACKGROUND_BATCH]
        with reserve_core():
            return dict(zip(keys, self._encoder.encode([texts[key] for key in keys]), strict=True))

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of unit vectors, in the order of the texts."""
        keys = [_digest(text) for text in texts]
        wanted, begun = sorted(set(keys)), self._stop_background()
        found = {key: begun[key] for key in wanted if key in begun}
        found |= self._look_up([key for key in wanted if key not in found])
        self._store(begun)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            self._loading.wait()
        fill(
            found,
            {key: missing[key] for key in _in_order(missing)},
            batch_size=_COMMIT_EVERY,
            ask=lambda batch, report: self._encoder.encode(batch, progress=report),
            store=self._store,
            progress=progress,
        )
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = found[key]
        return vectors

    def unload(self) -> None:
        """Release the model; the next new text loads it again."""
        self._store(self._stop_background())
        self._loading.reset()
        self._encoder.unload()

    def _stop_background(self) -> dict[bytes, Vectors]:
        """Stop the background work and return its vectors, waiting for the batch in progress.

        Batches not yet started are cancelled: all cores are free to compute them now. A batch that failed is left out;
        its error is raised again when its texts are encoded.
        """
        begun, self._begun = self._begun, []
        for vectors in reversed(begun):
            vectors.cancel()
        found: dict[bytes, Vectors] = {}
        for vectors in begun:
            if not vectors.cancelled() and vectors.exception() is None:
                found.update(vectors.result())
        return found

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors in the file; whatever is not a vector of length 1 counts as missing."""
        query = "SELECT text, vector FROM vectors WHERE model = ? AND text IN ({keys})"
        size = self.dimension * np.dtype(np.float32).itemsize
        return {
            key: vector
            for key, blob in self._file.select(query, keys, _digest(self.fingerprint))
            if len(blob) == size and _is_unit(vector := np.frombuffer(blob, dtype="<f4"))
        }

    def _store(self, vectors: Mapping[bytes, Vectors]) -> None:
        if not vectors:
            return
        model = _digest(self.fingerprint)
        rows = [(model, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        self._file.insert("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def _in_order(texts: Mapping[bytes, str]) -> list[bytes]:
    """Sort keys by text length, so that batches hold texts of similar length, whatever order they came in."""
    return sorted(texts, key=lambda key: (len(texts[key]), key))


def _is_unit(vector: Vectors) -> bool:
    """Whether `vector` has length 1: with a flipped bit it hardly ever has."""
    return bool(abs(np.linalg.norm(vector) - 1) < _LENGTH_TOLERANCE)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
