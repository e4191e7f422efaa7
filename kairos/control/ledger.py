"""What the daemon remembers about each root: `daemon.json` in the state directory.

The daemon writes it, and `kairos status` reads it, even if no daemon runs. Commands change it with `change_ledger`,
but only while no daemon runs.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kairos.control.status import GcRecord
from kairos.errors import StorageError

LEDGER_NAME = "daemon.json"

_VERSION = 1
_NEW, _DAMAGED = ".daemon.json.new", "daemon.json.damaged"
_TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class RootRecord:
    """The history of one root, as far as the daemon needs it.

    `tail`: the last lines that a failed dream logged. `due_since`: since when a dream is due but waits for its gates.
    `kept_by`, `kept_since`: the gate that keeps a dream from starting, and since when any gate does. `census`: what
    the root contained after the last dream, as the daemon's census encodes it.
    """

    last_looked: datetime | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    tail: tuple[str, ...] = ()
    paused_until: datetime | None = None
    due_since: datetime | None = None
    kept_by: str | None = None
    kept_since: datetime | None = None
    census: str | None = None


@dataclass(frozen=True, slots=True)
class SeenRoot:
    """The real path of a configured path when last looked at, its problem if any, and since when that is so."""

    real: str
    since: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The records of all roots by absolute path, the pause of all roots, and the last collection of originals.

    Records of roots that are gone may remain. `seen` are the roots by their configured paths. `problem` says in a
    sentence why the file could not be read and counts as empty; it is never written.
    """

    roots: Mapping[str, RootRecord] = field(default_factory=lambda: MappingProxyType({}))
    paused_until: datetime | None = None
    gc: GcRecord | None = None
    problem: str | None = None
    seen: Mapping[str, SeenRoot] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, root: str) -> RootRecord:
        """Return the record of a root; an empty one if it is new."""
        return self.roots.get(root, RootRecord())

    def with_root(self, root: str, record: RootRecord) -> Ledger:
        """Return this ledger with the record of one root replaced."""
        return replace(self, roots={**self.roots, root: record})

    def paused(self, root: str, now: datetime) -> datetime | None:
        """Return until when a root is paused, by itself or along with all roots; None if it is not."""
        ends = [end for end in (self.paused_until, self.of(root).paused_until) if end and end > now]
        return max(ends, default=None)

    def write(self, state_dir: Path) -> None:
        """Replace the ledger on disk atomically: a crash leaves either the old or the new file, complete.

        A damaged file is kept under another name. Raises StorageError.
        """
        with _locked(state_dir) as directory:
            _replace_file(directory, state_dir, self)


def read_ledger(state_dir: Path) -> Ledger:
    """Return the ledger; an empty one if there is none, and an empty one with a `problem` if it cannot be read."""
    path = state_dir / LEDGER_NAME
    try:
        return _from_json(json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return Ledger()
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        why = "is damaged, or of another version"
    return Ledger(problem=f"{path} {why}. Pauses and past failures of all roots are forgotten.")


def change_ledger(state_dir: Path, change: Callable[[Ledger], Ledger]) -> Ledger:
    """Read, change and write the ledger under its lock; raises StorageError."""
    with _locked(state_dir) as directory:
        changed = change(read_ledger(state_dir))
        _replace_file(directory, state_dir, changed)
    return changed


# --- on disk ---------------------------------------------------------------------------------------


@contextmanager
def _locked(state_dir: Path) -> Iterator[int]:
    """Open the state directory and hold a lock on it for the duration of one write."""
    try:
        if not state_dir.is_dir():
            state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield directory
        finally:
            os.close(directory)
    except OSError as error:
        raise StorageError(
            f"Could not write {state_dir / LEDGER_NAME}: {error.strerror or error}.",
            "Check the directory, its owner and the free space. Nothing is lost while the daemon keeps running.",
        ) from error


def _replace_file(directory: int, state_dir: Path, ledger: Ledger) -> None:
    data = json.dumps(_to_json(ledger), separators=(",", ":")).encode("ascii")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(_NEW, flags, 0o600, dir_fd=directory), "wb") as new:  # noqa: PTH123 - a descriptor
        os.fchmod(new.fileno(), 0o600)
        new.write(data)
        new.flush()
        os.fsync(new.fileno())
    if ledger.problem and read_ledger(state_dir).problem:  # not if it has been replaced since
        os.rename(LEDGER_NAME, _DAMAGED, src_dir_fd=directory, dst_dir_fd=directory)
    os.rename(_NEW, LEDGER_NAME, src_dir_fd=directory, dst_dir_fd=directory)
    os.fsync(directory)


# --- as JSON ---------------------------------------------------------------------------------------

_MOMENTS = ("last_looked", "last_success", "last_failure", "paused_until", "due_since", "kept_since")
_TEXTS = ("last_error", "kept_by", "census")


def _to_json(ledger: Ledger) -> dict[str, Any]:
    roots = {root: _record_to_json(record) for root, record in ledger.roots.items()}
    found = {"version": _VERSION, "paused_until": _utc_text(ledger.paused_until), "roots": roots}
    found["seen"] = {
        path: {"real": root.real, "since": _utc_text(root.since), "problem": root.problem}
        for path, root in ledger.seen.items()
    }
    return found if ledger.gc is None else {**found, "gc": _gc_to_json(ledger.gc)}


def _gc_to_json(record: GcRecord) -> dict[str, Any]:
    return {
        "at": _utc_text(record.at),
        "files": record.files,
        "bytes": record.bytes,
        "error": record.error,
    }


def _record_to_json(record: RootRecord) -> dict[str, Any]:
    moments = {name: _utc_text(getattr(record, name)) for name in _MOMENTS}
    texts = {name: getattr(record, name) for name in _TEXTS}
    found = {**moments, **texts, "failures": record.failures, "tail": record.tail[-_TAIL_LINES:]}
    return {name: value for name, value in found.items() if value}


def _utc_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _from_json(value: Any) -> Ledger:  # noqa: ANN401 - whatever the file holds
    if value["version"] != _VERSION:
        raise ValueError("another version")
    roots = {root: _record_from_json(record) for root, record in value["roots"].items()}
    seen = {path: _seen_from_json(root) for path, root in value.get("seen", {}).items()}
    gc = value.get("gc")
    return Ledger(
        MappingProxyType(roots),
        _moment(value["paused_until"]),
        None if gc is None else _gc_from_json(gc),
        seen=MappingProxyType(seen),
    )


def _seen_from_json(value: Any) -> SeenRoot:  # noqa: ANN401
    real, since, problem = value["real"], _moment(value["since"]), value["problem"]
    if since is None or not isinstance(real, str) or not isinstance(problem, str | None):
        raise ValueError("no root that was seen")
    return SeenRoot(real, since, problem)


def _gc_from_json(value: Any) -> GcRecord:  # noqa: ANN401
    at, files, size, error = _moment(value["at"]), value["files"], value["bytes"], value["error"]
    if at is None or not type(files) is type(size) is int or not isinstance(error, str | None):
        raise ValueError("no record of a collection")
    return GcRecord(at, files, size, error)


def _record_from_json(value: Any) -> RootRecord:  # noqa: ANN401
    failures, tail = value.get("failures", 0), value.get("tail", [])
    texts = {name: value.get(name) for name in _TEXTS}
    if type(failures) is not int or failures < 0 or not isinstance(tail, list):
        raise ValueError("not a record")
    if not all(isinstance(text, str) for text in tail) or not all(
        text is None or isinstance(text, str) for text in texts.values()
    ):
        raise ValueError("not a text")
    moments: dict[str, Any] = {name: _moment(value.get(name)) for name in _MOMENTS}
    return RootRecord(failures=failures, tail=tuple(tail), **texts, **moments)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)
