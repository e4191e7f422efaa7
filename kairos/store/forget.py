"""Forgetting a root in which Kairos never wrote. Where it did, the records are kept, since undo needs them."""

from __future__ import annotations

from pathlib import Path

from kairos.errors import UsageError
from kairos.store.state import State

_TABLES = ("looked_at", "dreams", "conflicts", "proposals", "decisions", "note_edits", "notes", "alerts")
"""All that is known about a root, besides its transactions."""


def forget(state: State, root: Path | str) -> None:
    """Delete what dreams found out about a root; raises UsageError if it has a transaction, or is unknown."""
    number = state.root_id(root)
    if number is None:
        raise UsageError(f"Kairos does not know {root}.", "See `kairos status`.")
    with state.writing() as connection:
        if connection.execute("SELECT 1 FROM transactions WHERE root = ? LIMIT 1", (number,)).fetchone():
            raise UsageError(
                f"Kairos has changed notes in {root}, and undo needs what it keeps about that.",
                "Only a directory that it has never written to can be forgotten.",
            )
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table} WHERE root = ?", (number,))  # noqa: S608 - names from above
        connection.execute("DELETE FROM roots WHERE id = ?", (number,))
