"""A cache of opinions in one SQLite file, so that only new pairs reach the judge model."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kairos.ml.cache_file import CacheFile
from kairos.ml.cache_filling import fill
from kairos.ml.judges import JudgeModel
from kairos.ml.loading import BackgroundLoad
from kairos.ml.sides import canonical_order, oriented_as
from kairos.model import Opinion

_COMMIT_EVERY = 256  # pairs: an interrupted run loses a few seconds of work at most
_SCHEMA = """
CREATE TABLE IF NOT EXISTS opinions (
    model BLOB NOT NULL, pair BLOB NOT NULL, opinion BLOB NOT NULL, PRIMARY KEY (model, pair)
)
"""
_LAYOUT = struct.Struct("<7d?")
_CHECKSUM_BYTES = 8


class CachedJudge:
    """A judge model that asks `model` only for pairs whose opinions are not in the file at `path`.

    A pair and its mirror image share one row. Opinions are kept unrounded, so that a warm run gives exactly what the
    cold one gave. A file that cannot be used never stops anything; `notices` says what was done instead.
    """

    def __init__(self, model: JudgeModel, path: Path) -> None:
        self._model = model
        self._loading = BackgroundLoad(model.load)
        self._file = CacheFile(
            path,
            _SCHEMA,
            by_model="opinions",
            called="opinion cache",
            contents="opinions of this run",
            remedy=", and the opinions are formed again",
        )

    @property
    def name(self) -> str:
        """The model's name, as shown to people."""
        return self._model.name

    @property
    def fingerprint(self) -> str:
        """A string that changes with the model's weights and settings."""
        return self._model.fingerprint

    @property
    def notices(self) -> list[str]:
        """Notices about the file."""
        return self._file.notices

    def load(self) -> None:
        """Start loading the model in the background; the first new pair waits until it is loaded."""
        self._loading.begin()

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        """Return the model's opinion on each pair; exchanged texts give the mirrored opinion.

        `progress` is called with (pairs done, all pairs), counting each distinct pair once; known pairs are done from
        the start.
        """
        ordered = [canonical_order(a, b) for a, b in pairs]
        keys = {pair: _key(*pair) for pair in dict.fromkeys(ordered)}
        found = self._look_up(sorted(keys.values()))
        missing = {key: pair for pair, key in keys.items() if key not in found}
        if missing:
            self._loading.wait()
        fill(
            found,
            missing,
            batch_size=_COMMIT_EVERY,
            ask=self._model.opinions,
            store=self._store,
            progress=progress,
        )
        return [oriented_as(found[keys[first]], a, b) for first, (a, b) in zip(ordered, pairs, strict=True)]

    def unload(self) -> None:
        """Release the model; the next new pair loads it again."""
        self._loading.reset()
        self._model.unload()

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, Opinion]:
        """Return the opinions in the file; a damaged one counts as missing."""
        query = "SELECT pair, opinion FROM opinions WHERE model = ? AND pair IN ({keys})"
        rows = self._file.select(query, keys, self._model_key())
        return {key: opinion for key, blob in rows if (opinion := _unpacked(key, blob)) is not None}

    def _store(self, opinions: Mapping[bytes, Opinion]) -> None:
        model = self._model_key()
        rows = [(model, key, _packed(key, opinion)) for key, opinion in opinions.items()]
        self._file.insert("INSERT OR REPLACE INTO opinions VALUES (?, ?, ?)", rows)

    def _model_key(self) -> bytes:
        return hashlib.sha256(self.fingerprint.encode()).digest()


def _key(a: str, b: str) -> bytes:
    """Return a hash of both texts and of the boundary between them."""
    one, other = (text.encode("utf-8", "surrogatepass") for text in (a, b))
    return hashlib.sha256(len(one).to_bytes(8, "big") + one + other).digest()


def _packed(key: bytes, opinion: Opinion) -> bytes:
    data = _LAYOUT.pack(
        opinion.same,
        opinion.a_contains_b,
        opinion.b_contains_a,
        opinion.conflict,
        opinion.distinct,
        opinion.newer_a,
        opinion.newer_b,
        opinion.whole,
    )
    return data + _checksum(key, data)


def _unpacked(key: bytes, blob: object) -> Opinion | None:
    if not isinstance(blob, bytes) or len(blob) != _LAYOUT.size + _CHECKSUM_BYTES:
        return None
    data = blob[: _LAYOUT.size]
    return Opinion(*_LAYOUT.unpack(data)) if blob[_LAYOUT.size :] == _checksum(key, data) else None


def _checksum(key: bytes, data: bytes) -> bytes:
    return hashlib.sha256(key + data).digest()[:_CHECKSUM_BYTES]
