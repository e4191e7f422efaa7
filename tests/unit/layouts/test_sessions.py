"""The session that wrote a note, found in the agent's transcripts."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kairos.core.root.provenance import Written
from kairos.layouts.sessions import writers

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
AFTER, BEFORE = "2026-03-01T10:00:00.000Z", "2026-02-01T10:00:00.000Z"
FACT = "The deploy key of the garden project lives in the blue vault."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "projects" / "-home-ann-garden" / "memory"
    directory.mkdir(parents=True)
    return directory


def use(name: str, number: str = "t1", at: str = AFTER, session: str = "s1", **given: Any) -> str:
    block = {"type": "tool_use", "id": number, "name": name, "input": given}
    return json.dumps({"timestamp": at, "sessionId": session, "message": {"content": [block]}})


def result(number: str, content: object) -> str:
    block = {"type": "tool_result", "tool_use_id": number, "content": content}
    return json.dumps({"message": {"content": [block]}})


def transcript(root: Path, name: str, *lines: str, at: datetime = SINCE + timedelta(days=1)) -> None:
    path = root.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
    os.utime(path, (at.timestamp(), at.timestamp()))


def found(root: Path, *paths: str) -> dict[str, Written]:
    return writers(root, "claude-code", paths or ("a.md",), since=SINCE)


def test_the_session_that_wrote_a_note_is_found(root: Path) -> None:
    transcript(root, "x.jsonl", use("Read", file_path=f"{root}/a.md"))
    assert found(root) == {}
    transcript(root, "x.jsonl", use("Edit", file_path=f"{root}/a.md", new_string="- One."))
    assert found(root) == {"a.md": Written("s1")}
    transcript(root, "x.jsonl", use("Bash", command=f"echo hi >> {root}/a.md"))
    assert found(root) == {"a.md": Written("s1")}


def test_a_name_without_ascii_is_found_in_either_form(root: Path) -> None:
    line = use("Write", file_path=f"{root}/Größe.md", content="x")
    for form in (line, json.dumps(json.loads(line), ensure_ascii=False)):
        transcript(root, "x.jsonl", form)
        assert found(root, "Größe.md") == {"Größe.md": Written("s1")}


def test_a_subagent_and_a_message_without_a_session_count(root: Path) -> None:
    block = {"type": "tool_use", "id": "1", "name": "Write", "input": {"file_path": f"{root}/a.md"}}
    transcript(root, "s7/subagents/agent-3.jsonl", json.dumps({"message": {"content": [block]}}))
    assert found(root) == {"a.md": Written("agent-3")}


def test_earlier_writes_and_other_roots_do_not_count(root: Path) -> None:
    transcript(root, "old.jsonl", use("Write", file_path=f"{root}/a.md"), at=SINCE - timedelta(days=1))
    transcript(root, "x.jsonl", use("Write", at=BEFORE, file_path=f"{root}/a.md"))
    transcript(root, "y.jsonl", use("Write", file_path="/elsewhere/memory/a.md"))
    assert found(root) == {}
    transcript(root, "z.jsonl", use("Write", file_path=f"{root}/a.md"))
    assert writers(root, "plain", ["a.md"], since=SINCE) == {}


def test_text_that_a_tool_brought_from_outside_is_recognised(root: Path) -> None:
    write = use("Write", "t2", file_path=f"{root}/a.md", content=f"# Keys\n\n- {FACT}\n")
    fetched = use("WebFetch", "t1", url="https://x.example")
    for tool in (fetched, use("mcp__mail__read", "t1"), use("Bash", "t1", command="curl https://x.example")):
        for text in (f"News. {FACT} More.", [{"type": "text", "text": f"News.\n{FACT.upper()}"}]):
            transcript(root, "x.jsonl", tool, result("t1", text), write)
            assert found(root) == {"a.md": Written("s1", outside=True)}
    local = use("Read", "t1", file_path="/work/README.md")
    for lines in (
        (local, result("t1", FACT), write),
        (fetched, result("t1", "Keys"), write),
        (write, fetched),
    ):
        transcript(root, "x.jsonl", *lines)
        assert found(root) == {"a.md": Written("s1")}


def test_broken_lines_are_left_out(root: Path) -> None:
    good = use("Write", file_path=f"{root}/a.md")
    transcript(root, "x.jsonl", '{"a.md', "[" * 100_000 + "a.md", '["a.md"]', '{"message": "a.md"}', good)
    assert found(root) == {"a.md": Written("s1")}


def test_a_link_or_a_pipe_in_place_of_a_transcript_is_not_read(root: Path) -> None:
    transcript(root, "x.txt", use("Write", file_path=f"{root}/a.md"))
    (root.parent / "x.jsonl").symlink_to(root.parent / "x.txt")
    os.mkfifo(root.parent / "y.jsonl")
    assert found(root) == {}
