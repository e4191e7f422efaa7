"""Forgetting a root in which Kairos never wrote: what it wrote is kept, and with it the way back."""

from __future__ import annotations

from pathlib import Path

from kairos.errors import UsageError
from kairos.store.state import State

_TABLES = ("looked_at", "dreams", "conflicts", "proposals", "decisions", "note_edits", "notes", "alerts")
"""All that is known of a root, besides its transactions."""


def forget(state: State, root: Path | str) -> None:
    """Drop what dreams found out about a root; raises UsageError for one that has a transaction, or is unknown."""
    number = state.root_id(root)
    if number is None:
        raise UsageError(f"Kairos knows no {root}.", "See `kairos status`.")
    with state.writing() as connection:
        if connection.execute("SELECT 1 FROM transactions WHERE root = ? LIMIT 1", (number,)).fetchone():
            raise UsageError(
                f"Kairos changed notes in {root}, and what it keeps of that is what undo needs.",
                "Only a directory in which it never wrote can be forgotten.",
            )
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table} WHERE root = ?", (number,))  # noqa: S608 - names from above
        connection.execute("DELETE FROM roots WHERE id = ?", (number,))
