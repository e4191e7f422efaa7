"""A process that dreams on one root endlessly, by plans that need no model: they remove duplicate lines.

    python -m tests.fault.dreamer STATE ROOT SEED

Prints a line for each transaction. It is killed from outside, and recovers when it is started again.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from kairos.errors import ChangedError, KairosError, LockedError, UndoConflictError, UsageError
from kairos.model import FileChange, Role
from kairos.store.files import read_snapshot
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def plan(files: dict[str, bytes], chance: random.Random) -> list[FileChange]:
    """Remove from one note the lines that another one has too, or move a whole note into another one."""
    names = sorted(name for name, data in files.items() if data)
    if len(names) < 2:
        return []
    survivor, loser = chance.sample(names, 2)
    kept, gone = (files[name].splitlines(keepends=True) for name in (survivor, loser))
    if chance.random() < 0.5:
        carried = b"".join(line for line in gone if line not in kept)
        joint = files[survivor] if files[survivor].endswith(b"\n") else files[survivor] + b"\n"
        return [
            FileChange(loser, files[loser], None, requires=(survivor,)),
            FileChange(survivor, files[survivor], joint + carried),
        ]
    left = b"".join(line for line in gone if line not in kept)
    if left == files[loser]:
        return []
    index = files.get("MEMORY.md")
    pointer = FileChange("MEMORY.md", index, (index or b"") + f"- [{loser}]({loser})\n".encode(), index=True)
    if index is not None and len(index) > 2000:
        pointer = FileChange("MEMORY.md", index, b"# Memory\n", index=True)
    edits = [FileChange(loser, files[loser], left, requires=(survivor,))]
    return edits if "MEMORY.md" in {survivor, loser} else [*edits, pointer]


def once(store: Store, root: Path, chance: random.Random) -> str:
    """Dream once, or sometimes undo. Returns a word for the outcome."""
    snapshot = read_snapshot(root, layout="claude-code", role_of=lambda _path: Role.NOTE)
    files = {source.path: source.data for source in snapshot.sources}
    lock = root / ".consolidate-lock"
    try:
        if chance.random() < 0.1:
            newest = [item.id for item in store.journal.history(snapshot.root, limit=1)]
            store.undo(root, at=NOW, transactions=newest, foreign_lock=lock)
            return "undone"
        edits = plan(files, chance)
        if not edits:
            return "nothing"
        base = {name: sha256(files[name]).hexdigest() for edit in edits for name in edit.requires}
        receipt = store.apply(root, edits, kind=TransactionKind.DREAM, at=NOW, base=base, foreign_lock=lock)
    except ChangedError:
        return "changed"
    except LockedError:
        return "locked"
    except (UndoConflictError, UsageError):
        return "refused"
    return "partial" if receipt.skipped else "applied"


def main() -> None:
    """Dream until killed."""
    state, root, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    with Store(Path(state)) as store:
        while True:
            try:
                store.recover(Path(root), foreign_lock=Path(root, ".consolidate-lock"))
                print(once(store, Path(root), chance), flush=True)
            except LockedError:
                print("locked", flush=True)
            except KairosError as error:
                print(f"error {error}", flush=True)
            time.sleep(0.002)


if __name__ == "__main__":
    main()
