"""Vectors that were computed before, in one SQLite file: only new texts reach the model."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from kairos.ml.encoder import Encoder, Progress, Vectors

_COMMIT_EVERY = 256  # texts: an interrupted run loses at most the work of some seconds
_LOOK_UP = 500  # SQLite takes at least 999 parameters
_WAIT_SECONDS = 10.0
_LENGTH_TOLERANCE = 1e-3
# A table with row ids: without them every vector would spill into a page of its own.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    model BLOB NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text)
)
"""


class CachedEncoder:
    """An encoder that asks `encoder` only for texts whose vectors are not in the file at `path`.

    Vectors are kept bit by bit, so that a warm run gives what the cold one gave. A file that cannot be
    used never stops anything: `notices` says what was done instead.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._usable = True
        self.notices: list[str] = []

    @property
    def name(self) -> str:
        """What a person calls the model."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """A text that changes with the model's weights and settings."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return an array (len(texts), dimension) of rows of length 1, in the order of the texts."""
        keys = [_digest(text) for text in texts]
        found = self._look_up(sorted(set(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        self._compute(missing, found, progress)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = found[key]
        return vectors

    def _compute(
        self, missing: Mapping[bytes, str], found: dict[bytes, Vectors], progress: Progress | None
    ) -> None:
        """Add the vectors of `missing` to `found` and to the file, batch by batch."""
        known, total = len(found), len(found) + len(missing)
        # Texts of like length share a batch; the digest makes the order independent of the caller's.
        todo = sorted(missing, key=lambda key: (len(missing[key]), key))
        for start in range(0, len(todo), _COMMIT_EVERY):
            batch = todo[start : start + _COMMIT_EVERY]
            done = known + start

            def report(count: int, _: int, done: int = done) -> None:
                if progress is not None:
                    progress(done + count, total)

            vectors = self._encoder.encode([missing[key] for key in batch], progress=report)
            fresh = dict(zip(batch, vectors, strict=True))
            self._keep(fresh)
            found.update(fresh)

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors that are there; what is no vector of length 1 counts as missing."""
        found: dict[bytes, Vectors] = {}
        model = _digest(self.fingerprint)
        size = self.dimension * np.dtype(np.float32).itemsize

        def select(database: sqlite3.Connection) -> None:
            for start in range(0, len(keys), _LOOK_UP):
                part = keys[start : start + _LOOK_UP]
                marks = ",".join("?" * len(part))
                query = f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({marks})"  # noqa: S608 - only question marks
                for key, blob in database.execute(query, (model, *part)):
                    if len(blob) == size and _is_unit(vector := np.frombuffer(blob, dtype="<f4")):
                        found[key] = vector

        self._with_database(select)
        return found

    def _keep(self, vectors: Mapping[bytes, Vectors]) -> None:
        model = _digest(self.fingerprint)
        rows = [(model, key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]

        def insert(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            database.commit()

        self._with_database(insert)

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do `work`, or leave it undone where there is no database to be had, and note why."""
        if not self._usable:
            return
        try:
            with closing(_open(self._path)) as database:
                work(database)
        except sqlite3.OperationalError as error:
            self._go_without(str(error))
        except sqlite3.DatabaseError as error:
            self._start_anew(str(error))

    def _go_without(self, reason: str) -> None:
        self._usable = False
        self.notices.append(
            f"The vector cache {self._path} cannot be used ({reason}): vectors of this run are not kept. "
            "Check free space and permissions, or set cache_dir."
        )

    def _start_anew(self, reason: str) -> None:
        """Move a damaged file aside; the next access makes a new one."""
        aside = self._path.with_name(f"{self._path.name}.corrupt")
        try:
            self._path.replace(aside)
        except OSError as error:
            self._go_without(error.strerror or str(error))
            return
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self.notices.append(
            f"The vector cache {self._path} was damaged ({reason}): it was moved to {aside.name}, "
            "and the vectors are computed again."
        )


def _open(path: Path) -> sqlite3.Connection:
    """Open the database at `path`, made for this user's eyes only: vectors tell what notes say."""
    with suppress(OSError):  # SQLite opens what is read-only, and says what is wrong with the rest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            os.fchmod(file.fileno(), 0o600)
    database = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        database.execute(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_unit(vector: Vectors) -> bool:
    """Whether `vector` has length 1: what a flipped bit made of it hardly ever has."""
    return bool(abs(np.linalg.norm(vector) - 1) < _LENGTH_TOLERANCE)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
