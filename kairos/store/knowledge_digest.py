"""What the state knows about one root, as digests that change with it: equal digests mean equal knowledge."""

from __future__ import annotations

import hashlib

from kairos.store.database import Database

_ROOT = "(SELECT id FROM roots WHERE path = ?)"
_DECISIONS = (
    f"SELECT id, kind, status, active FROM transactions WHERE root = {_ROOT} ORDER BY id",  # noqa: S608
    f"SELECT key, verdict FROM decisions WHERE root = {_ROOT} ORDER BY key",  # noqa: S608
)
_FINDINGS = (
    f"SELECT id, since, status, keep FROM conflicts WHERE root = {_ROOT} ORDER BY id",  # noqa: S608
    f"SELECT key, since, status FROM proposals WHERE root = {_ROOT} ORDER BY key",  # noqa: S608
    f"SELECT path, kind, since FROM alerts WHERE root = {_ROOT} ORDER BY path, kind",  # noqa: S608
)


def decisions_digest(state: Database, root: bytes) -> str:
    """Digest of all that was done to a root and decided about it; `root` is as `root_name` gives it."""
    return _text(state, root, _DECISIONS)


def findings_digest(state: Database, root: bytes) -> str:
    """Digest of what the dreams of a root found (conflicts, proposals and alerts) and how it stands."""
    return _text(state, root, _FINDINGS)


def _text(state: Database, root: bytes, queries: tuple[str, ...]) -> str:
    rows = [state.query(sql, root) for sql in queries]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
