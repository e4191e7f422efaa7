"""A cache of answers in one SQLite file, so that a pair is paid for only once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from kairos.core.judgement.ruling import Ruling
from kairos.ml.cache_file import CacheFile
from kairos.ml.llm.frame import RELATIONS, UNSURE, VERSION
from kairos.ml.llm.provider import Provider

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    asked BLOB PRIMARY KEY, relation TEXT NOT NULL, newer TEXT, reason TEXT NOT NULL
)
"""


class AnswerCache:
    """Remembers the answers of one model on one server to this version of the frame, by the key of the question.

    A file that cannot be used never stops anything; `notices` says what was done instead.
    """

    def __init__(self, path: Path, provider: Provider) -> None:
        self._file = CacheFile(path, _SCHEMA, called="cache", contents="answers of the language model")
        endpoint = provider.endpoint
        # Two servers may have different models of the same name.
        self._key_prefix = f"{VERSION}\0{provider.name}\0{endpoint.base_url or ''}\0{endpoint.model}\0"

    @property
    def notices(self) -> list[str]:
        """Notices about the file."""
        return self._file.notices

    def look_up(self, keys: Iterable[str]) -> dict[str, Ruling]:
        """Return the answers that are known, by key."""
        names = {self._hashed_key(key): key for key in keys}
        query = "SELECT asked, relation, newer, reason FROM answers WHERE asked IN ({keys})"
        return {
            names[name]: ruling
            for name, *columns in self._file.select(query, sorted(names))
            if (ruling := _ruling(*columns)) is not None
        }

    def keep(self, rulings: Mapping[str, Ruling]) -> None:
        """Store answers by the key of their question."""
        rows = [
            (
                self._hashed_key(key),
                ruling.relation.value if ruling.relation else UNSURE,
                ruling.newer,
                ruling.reason,
            )
            for key, ruling in rulings.items()
        ]
        self._file.insert("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)

    def _hashed_key(self, key: str) -> bytes:
        return hashlib.sha256((self._key_prefix + key).encode()).digest()


def _ruling(relation: object, newer: object, reason: object) -> Ruling | None:
    """Return the ruling in a row; None if its relation is unknown."""
    if not isinstance(relation, str) or relation not in RELATIONS:
        return None
    side = next((one for one in ("a", "b") if one == newer), None)
    return Ruling(RELATIONS[relation], side, str(reason))
