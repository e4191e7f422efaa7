"""A killed transaction whose notes are edited before its recovery, and notes that cannot be written."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from kairos.errors import StorageError, UndoConflictError, UsageError
from kairos.store.records import Reached
from kairos.store.transaction import Store
from tests.fault.crashing import (
    AFTER,
    BEFORE,
    Tripwire,
    apply,
    check_recovered,
    count_calls,
    facts,
    killed,
    make_root,
    never,
    read_root,
    undo,
)


@pytest.mark.parametrize("victim", sorted(BEFORE.keys() | AFTER.keys()))
@pytest.mark.parametrize("anew", [False, True])
def test_what_a_killed_run_removed_can_be_restored_after_any_edit(
    in_memory: Path, victim: str, anew: bool
) -> None:
    total = count_calls(in_memory / "count", apply, prepared=False)
    theirs = b"fact: theirs\n"
    for target in range(1, total + 1, 2):
        root = make_root(in_memory / str(target))
        state = root.parent / "state"
        assert killed(state, root, apply, target)
        note = root / victim
        found = note.read_bytes() if note.exists() and not anew else b""
        note.parent.mkdir(exist_ok=True)
        note.write_bytes(found + theirs)
        with Store(state, Tripwire(never)) as store:
            store.recover(root)
            assert note.read_bytes().endswith(theirs)
            here = facts(read_root(root).values())
            kept = {
                store.objects.get(file.before)
                for transaction in store.journal.history(str(root.resolve()))
                for file in transaction.files
                if file.before and file.reached is not Reached.BEFORE
            }
            # By the user, in a note that Kairos had not changed.
            overwritten = facts([BEFORE.get(victim, b"")]) if anew else set()
            assert facts(BEFORE.values()) <= here | facts(kept) | overwritten, target
            if not anew:
                with suppress(UsageError):  # nothing had been done
                    try:
                        undo(store, root)
                    except UndoConflictError as error:
                        assert error.paths == (victim,)  # noqa: PT017 - it was recreated, and stays
                        continue
                here = facts(read_root(root).values())
                left = facts(kept) - facts([BEFORE.get(victim, b"")])
                assert here >= left | {b"fact: theirs"}, target


class Forbidding(Tripwire):
    """A disk on which one note can be neither replaced nor removed."""

    def __init__(self, note: str) -> None:
        super().__init__(never)
        self.note = note

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        self._refuse(second)
        super().exchange(first, second, dir_fd=dir_fd)

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        self._refuse(source)
        self._refuse(target)
        super().rename(source, target, dir_fd=dir_fd)

    def _refuse(self, name: str) -> None:
        if name == self.note:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize("note", ["lossy.md", "twin.md", "MEMORY.md", "mixed.md"])
def test_an_unwritable_note_leaves_no_half_changed_root(in_memory: Path, note: str) -> None:
    root = make_root(in_memory)
    with Store(in_memory / "state", Forbidding(note)) as store:
        with pytest.raises(StorageError) as caught:
            apply(store, root)
        assert "restored" in caught.value.advice
        assert read_root(root) == BEFORE
        assert not store.journal.pending(str(root.resolve()))
    check_recovered(in_memory / "state", root, (BEFORE,))


@pytest.mark.parametrize("note", ["lossy.md", "twin.md"])
def test_a_crash_that_cannot_be_completed_is_rolled_back(in_memory: Path, note: str) -> None:
    """Killed in the second half of the transaction; from then on the note cannot be written."""
    total = count_calls(in_memory / "count", apply, prepared=False)
    for target in range(total // 2, total, 3):
        root = make_root(in_memory / str(target))
        state = root.parent / "state"
        assert killed(state, root, apply, target)
        done = (read_root(root).get(note) or b"") == AFTER.get(note, b"")
        with Store(state, Forbidding(note)) as store:
            if not done:
                store.recover(root)
                assert read_root(root) == BEFORE, target
                assert not store.journal.pending(str(root.resolve()))
        check_recovered(state, root, (BEFORE, AFTER))
