"""Which originals may be discarded: those of transactions beyond the retention's age or size, and what none needs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairos.store.codec import parse_time
from kairos.store.objects import Kept, Objects
from kairos.store.provenance import forget_gone
from kairos.store.records import TransactionKind, TransactionStatus
from kairos.store.state import State

_IDLE_DREAMS = """
    txn IS NULL AND at < ? AND id NOT IN
    (SELECT min(id) FROM dreams GROUP BY root UNION SELECT max(id) FROM dreams GROUP BY root)
"""
"""SQL condition for dreams before a moment that did nothing, except the first and the latest of each root."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long, and up to how many bytes on disk, originals are kept; `most_bytes` None means no limit."""

    days: int
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A closed transaction whose originals the journal holds, and their digests; `done` if it was not rolled back."""

    id: int
    root: str
    kind: TransactionKind
    at: datetime
    digests: frozenset[str]
    done: bool


@dataclass(frozen=True, slots=True)
class Collection:
    """What is discarded: files, and the transactions that can then no longer be undone, oldest first.

    `size` is that of the files, `remaining` that of the originals that stay, both in bytes. `strays` counts files
    that no transaction needs in order to be undone: a crash left them behind. `idle` counts old dreams that did
    nothing.
    """

    transactions: tuple[Held, ...]
    files: tuple[Kept, ...]
    size: int
    remaining: int
    strays: int
    idle: int


def find_discardable(state: State, objects: Objects, retention: Retention, now: datetime) -> Collection:
    """Find out what may be discarded; nothing is touched.

    What a pending transaction needs stays. So does, whatever its age and size, what is needed by the latest dream or
    decision of a root and by everything since: not even a clock that leaps ahead makes that impossible to undo. A dream
    can be dreamt as of a day long ago, so its originals count as no older than the files that hold them. An object that
    no transaction ever named stays as long as an original: it may be the only copy of what somebody wrote in the
    instant of a crash, kept by recovery.
    """
    sizes: Counter[str] = Counter()
    stored: dict[str, int] = {}
    files = tuple(sorted(objects.all(), key=lambda kept: kept.path))
    for kept in files:
        sizes[kept.digest or ""] += kept.size
        stored[kept.digest or ""] = kept.mtime_ns
    holding = tuple(_held_transactions(state))
    used = Counter(digest for item in holding for digest in item.digests)
    used.update(dict.fromkeys(_needed_by_pending(state), len(holding) + 1))
    before = now - timedelta(days=retention.days)
    horizon_ns = before.timestamp() * 1e9
    fresh = frozenset(digest for digest, mtime_ns in stored.items() if mtime_ns >= horizon_ns)
    old = frozenset(item.id for item in holding if item.at < before and fresh.isdisjoint(item.digests))
    going = _choose(holding, used, sizes, retention.most_bytes, old)
    needed, ever = set(used), named_digests(state)

    def is_discarded(kept: Kept) -> bool:
        if kept.digest is None:
            return True
        return not used[kept.digest] if kept.digest in ever else kept.mtime_ns < horizon_ns

    discarded = [kept for kept in files if is_discarded(kept)]
    return Collection(
        transactions=going,
        files=tuple(discarded),
        size=sum(kept.size for kept in discarded),
        remaining=sum(kept.size for kept in files) - sum(kept.size for kept in discarded),
        strays=sum(kept.digest is None or kept.digest not in needed for kept in discarded),
        idle=state.query(f"SELECT count(*) FROM dreams WHERE {_IDLE_DREAMS}", before.isoformat())[0][0],  # noqa: S608
    )


def collect(state: State, objects: Objects, retention: Retention, now: datetime) -> Collection:
    """Discard what is due. Raises LockedError while a dream or an undo is writing."""
    with objects.exclusive():
        found = find_discardable(state, objects, retention, now)
        # Before any file goes, what can no longer be undone must be recorded as such.
        with state.writing() as connection:
            connection.executemany(
                "INSERT INTO collected (txn, at) VALUES (?, ?)",
                [(item.id, now.isoformat()) for item in found.transactions],
            )
        for kept in found.files:
            objects.remove(kept)
    _forget(state, now - timedelta(days=retention.days))
    return found


def _forget(state: State, before: datetime) -> None:
    """Forget dreams before a moment that did nothing, and notes that were gone by then.

    The first and the latest dream of each root stay.
    """
    with state.writing() as connection:
        connection.execute(f"DELETE FROM dreams WHERE {_IDLE_DREAMS}", (before.isoformat(),))  # noqa: S608
    forget_gone(state, before.date())


def collected(state: State) -> Mapping[int, datetime]:
    """The transactions whose originals were discarded, and when."""
    return {number: parse_time(at) for number, at in state.query("SELECT txn, at FROM collected")}


def named_digests(state: State) -> set[str]:
    """The digests of everything that any transaction ever needed."""
    rows = state.query("SELECT before, after, interim FROM files")
    return {version for row in rows for version in row if version}


def _held_transactions(state: State) -> Iterator[Held]:
    """The closed transactions whose originals were not discarded, oldest first."""
    digests: dict[int, set[str]] = {}
    for number, *versions in state.query("SELECT txn, before, after, interim FROM files"):
        digests.setdefault(number, set()).update(filter(None, versions))
    for number, path, kind, at, status in state.query(
        "SELECT transactions.id, path, kind, at, status FROM transactions JOIN roots ON roots.id = root "
        "WHERE status != ? AND kind != ? AND transactions.id NOT IN (SELECT txn FROM collected) "
        "ORDER BY transactions.id",
        TransactionStatus.PENDING,
        TransactionKind.MOVE,
    ):
        yield Held(
            number,
            os.fsdecode(path),
            TransactionKind(kind),
            parse_time(at),
            frozenset(digests.get(number, ())),
            status == TransactionStatus.COMMITTED,
        )


def _needed_by_pending(state: State) -> set[str]:
    """The digests that pending transactions need."""
    rows = state.query(
        "SELECT before, after, interim FROM files JOIN transactions ON transactions.id = txn WHERE status = ?",
        TransactionStatus.PENDING,
    )
    return {version for row in rows for version in row if version}


def _choose(
    holding: Sequence[Held],
    used: Counter[str],
    sizes: Mapping[str, int],
    most_bytes: int | None,
    old: frozenset[int],
) -> tuple[Held, ...]:
    """Choose the transactions to discard, oldest first, and discount their digests in `used`."""
    latest = {item.root: item.id for item in holding if item.done and item.kind is not TransactionKind.UNDO}
    total = sum(sizes.get(digest, 0) for digest in used)
    going = []
    for item in holding:
        over = most_bytes is not None and total > most_bytes
        is_latest = item.id >= latest.get(item.root, item.id + 1)
        if is_latest or not (over or item.id in old):
            continue
        going.append(item)
        for digest in item.digests:
            used[digest] -= 1
            if not used[digest]:
                total -= sizes.get(digest, 0)
    return tuple(going)
