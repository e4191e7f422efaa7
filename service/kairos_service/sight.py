"""What one look at a root sees: its notes, its agent's sessions, and whether the agent holds its lock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from kairos.store.agents_lock import lock_holder
from kairos_service.census import Census, census
from kairos_service.scope import Scope
from kairos_service.transcripts import TranscriptState, transcripts


@dataclass(frozen=True, slots=True)
class Activity:
    """What was seen besides the notes. `lock_holder` describes a process in words, such as "PID 42"."""

    transcripts: TranscriptState = field(default_factory=TranscriptState)
    lock_holder: str | None = None

    def after_dream(self) -> Activity:
        """Return a copy for the time right after a dream: no session has written since."""
        return replace(self, transcripts=replace(self.transcripts, sessions=0))


NO_ACTIVITY = Activity()


@dataclass(frozen=True, slots=True)
class Sight:
    """A root at one moment."""

    notes: Census
    activity: Activity


def see(root: Path, scope: Scope, *, now: datetime, since: datetime | None) -> Sight:
    """Look at a root; raises OSError if it cannot be read. Sessions that wrote `since` the last dream are counted."""
    notes = census(root, scope)
    seen = transcripts(root, scope.layout.name, now=now, since=since)
    return Sight(notes, Activity(seen, see_lock(root, scope)))


def see_lock(root: Path, scope: Scope) -> str | None:
    """Return the process that holds the agent's lock on a root, in words, if one does."""
    name = scope.layout.foreign_lock
    holder = lock_holder(root / name) if name else None
    return None if holder is None else f"PID {holder}"
