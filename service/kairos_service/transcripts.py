"""Tells whether an agent is in a session right now: its transcript, next to the root, is growing."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kairos.layouts import LAYOUTS
from kairos_service.looks import heartbeat

_CLAUDE_CODE = LAYOUTS["claude-code"].name
_SUFFIX = ".jsonl"
_RECENT_SESSIONS = 8
"""Subagents write while their session waits for them; only those of this many latest sessions are worth a look."""


@dataclass(frozen=True, slots=True)
class TranscriptState:
    """When a transcript last grew, and how many sessions wrote since the moment asked about."""

    newest_growth: datetime | None = None
    sessions: int = 0


def transcripts(root: Path, layout: str, *, now: datetime, since: datetime | None = None) -> TranscriptState:
    """Look at the transcripts of the project that a root belongs to; the result is empty for layouts without any.

    Times in the future are ignored: a clock was set back since. Without `since`, all sessions count.
    """
    if layout != _CLAUDE_CODE or root.name != "memory":
        return TranscriptState()
    limit = now.timestamp()
    sessions = [(time, path) for time, path in _dated(root.parent) if 0 <= time <= limit]
    recent = heapq.nlargest(_RECENT_SESSIONS, sessions)
    times = [time for time, _ in recent]
    times += [time for _, path in recent for time in _subagents(path) if 0 <= time <= limit]
    newest = max(times, default=None)
    earliest = since.timestamp() if since else 0
    return TranscriptState(
        newest_growth=None if newest is None else datetime.fromtimestamp(newest, UTC),
        sessions=sum(time > earliest for time, _ in sessions),
    )


def _dated(directory: Path | str) -> Iterator[tuple[float, str]]:
    """Yield (mtime, path) of the transcripts in a directory, skipping what cannot be read."""
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            heartbeat()
            with suppress(OSError):
                if entry.name.endswith(_SUFFIX) and entry.is_file(follow_symlinks=False):
                    yield entry.stat(follow_symlinks=False).st_mtime, entry.path


def _subagents(transcript: str) -> Iterator[float]:
    """Yield when each subagent of a session last wrote."""
    for directory, _, _ in os.walk(f"{transcript.removesuffix(_SUFFIX)}/subagents"):
        for time, _ in _dated(directory):
            yield time
