"""What the state remembers about a root, as the planner needs it."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.core.plan import Remembered
from kairos.core.provenance import Provenance
from kairos.store.journal import Journal
from kairos.store.records import Verdict
from kairos.store.state import State

_NO_REFUSALS = frozenset({Verdict.KEEP_BOTH, Verdict.WAITS})


def remembered(state: State, root: str, provenance: Provenance) -> Remembered:
    """Return what earlier dreams and the user decided, and where the notes come from."""
    decisions = state.decisions(root)
    return Remembered(
        settled=frozenset(key for key, verdict in decisions.items() if verdict is Verdict.KEEP_BOTH),
        refused={key: verdict.value for key, verdict in decisions.items() if verdict not in _NO_REFUSALS},
        since={record.conflict.id: record.conflict.since for record in state.conflicts(root, status=None)},
        witnesses=frozenset(_witnesses(state, root)),
        waiting=frozenset(key for key, verdict in decisions.items() if verdict is Verdict.WAITS),
        changed=provenance.changed,
        outside=provenance.outside,
    )


def _witnesses(state: State, root: str) -> Iterator[tuple[str, str]]:
    """Yield where the witnesses of all merges stand that still hold."""
    for transaction in Journal(state).history(root):
        for change in transaction.changes if transaction.active else ():
            if change.witness and change.key not in transaction.undone_keys:
                yield change.witness.place.file, change.witness.place.text
