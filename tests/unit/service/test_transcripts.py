from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos_service.transcripts import TranscriptState, transcripts

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
NONE = TranscriptState()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "-home-ann-app" / "memory").mkdir(parents=True)
    return tmp_path / "-home-ann-app"


def transcript(path: Path, *, minutes_ago: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n")
    time = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (time, time))


def look(project: Path, since: datetime | None = None, layout: str = "claude-code") -> TranscriptState:
    return transcripts(project / "memory", layout, now=NOW, since=since)


def test_a_project_without_transcripts_has_no_session(project: Path) -> None:
    assert look(project) == NONE


def test_the_newest_transcript_gives_the_last_growth(project: Path) -> None:
    for number, minutes in enumerate((5, 90, 3000)):
        transcript(project / f"{number}.jsonl", minutes_ago=minutes)
    transcript(project / "notes.txt", minutes_ago=1)
    state = look(project, since=NOW - timedelta(hours=2))
    assert state == TranscriptState(NOW - timedelta(minutes=5), sessions=2)
    assert look(project).sessions == 3


def test_a_subagent_at_work_is_growth_but_no_session(project: Path) -> None:
    transcript(project / "a.jsonl", minutes_ago=60)
    transcript(project / "a" / "subagents" / "deep" / "agent-1.jsonl", minutes_ago=2)
    assert look(project) == TranscriptState(NOW - timedelta(minutes=2), sessions=1)


def test_times_in_the_future_are_ignored(project: Path) -> None:
    transcript(project / "a.jsonl", minutes_ago=-30)
    assert look(project) == NONE


def test_links_pipes_and_folders_are_no_transcripts(project: Path) -> None:
    os.mkfifo(project / "pipe.jsonl")
    (project / "folder.jsonl").mkdir()
    (project / "link.jsonl").symlink_to("/etc/passwd")
    assert look(project) == NONE


def test_other_layouts_have_no_transcripts(project: Path, tmp_path: Path) -> None:
    transcript(project / "a.jsonl", minutes_ago=1)
    assert look(project, layout="plain") == NONE
    assert transcripts(tmp_path / "missing" / "memory", "claude-code", now=NOW) == NONE
