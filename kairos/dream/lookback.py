"""Traces where the notes of a root come from, with the state, the journal and the agent's transcripts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kairos.core.root.figures import Alert
from kairos.core.root.provenance import Lookback, Provenance, Written, with_new_alerts
from kairos.core.root.reading import Reading
from kairos.layouts.sessions import writers
from kairos.store.provenance import known_notes, open_alerts, written_by_kairos
from kairos.store.state import State


def look_back(reading: Reading, state: State, now: datetime) -> Provenance:
    """Return what is new about the notes since the previous dream; nothing is written."""
    root, layout = reading.snapshot.root, reading.snapshot.layout

    def by_sessions(paths: frozenset[str]) -> dict[str, Written]:
        before = state.dreams(root, limit=1)
        since = before[0].at.astimezone() if before else now.astimezone()
        return writers(Path(root), layout, paths, since=since)

    lookback = Lookback(
        known=known_notes(state, root),
        ours=lambda paths: written_by_kairos(state, root, paths),
        writers=by_sessions,
        today=now.date(),
        now_ns=int(now.timestamp() * 1e9),
    )
    return lookback.look(reading)


def alerts_of(state: State, root: str, found: Provenance) -> tuple[Alert, ...]:
    """Return the alerts of a root that nobody has acknowledged, including the new ones."""
    return with_new_alerts(open_alerts(state, root), found.alerts)
