"""What applying a plan writes, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field

from kairos.model.files import Skip


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a transaction.

    `before` and `after` are its bytes, None if it does not exist. `interim` are the bytes with additions only, written
    before anything is removed from any file. `requires` names other files: if somebody else changed one of them, this
    file loses nothing.
    """

    path: str
    before: bytes | None
    after: bytes | None
    interim: bytes | None = None
    mode: int | None = None
    index: bool = False
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What applying a plan did: the transaction's id, the files written and removed, and what was left alone."""

    transaction: int
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = field(default=())
