"""Loads what the state remembers about a root, in the form that the planner needs."""

from __future__ import annotations

from kairos.core.planning.plan import History
from kairos.core.root.provenance import Provenance
from kairos.dream.lookback import alerts_of
from kairos.store.queries import restored_subjects, standing_witnesses, undone_upkeep
from kairos.store.records import Verdict
from kairos.store.state import State

_NO_REFUSALS = frozenset({Verdict.KEEP_BOTH, Verdict.WAITS})


def history_of(state: State, root: str, provenance: Provenance) -> History:
    """Return what earlier dreams and the user decided about a root, and where its notes come from."""
    decisions = state.decisions(root)
    return History(
        settled=frozenset(key for key, verdict in decisions.items() if verdict is Verdict.KEEP_BOTH),
        refused={key: verdict.value for key, verdict in decisions.items() if verdict not in _NO_REFUSALS},
        first_seen={
            record.conflict.id: record.conflict.since for record in state.conflicts(root, status=None)
        },
        witnesses=standing_witnesses(state, root),
        restored=restored_subjects(state, root),
        upkeep=undone_upkeep(state, root),
        unfindable=frozenset(key for key, verdict in decisions.items() if verdict is Verdict.WAITS),
        last_changed=provenance.changed,
        from_tools=provenance.outside,
        alerted=frozenset(alert.path for alert in alerts_of(state, root, provenance)),
    )
