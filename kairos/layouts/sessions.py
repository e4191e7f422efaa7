"""Finds out from transcripts which session of Claude Code wrote a note; transcripts are never written.

A transcript is a file of JSON lines, one per message. Content that a tool brought in from outside (a web page, a
third-party server) is in it before the note that repeats it.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kairos.core.root.provenance import Written
from kairos.layouts.claude_code import LAYOUT

_WRITING = frozenset({"Write", "Edit", "MultiEdit", "NotebookEdit"})
_FROM_OUTSIDE = re.compile(r"WebFetch\Z|WebSearch\Z|mcp__")
_FETCHES = re.compile(r"\b(?:curl|wget)\b")
_MARKERS = (b'"WebFetch"', b'"WebSearch"', b'"mcp__', b"curl", b"wget")
_LINE_BYTES = 8_000_000
_MAX_BYTES = 256_000_000
"""How many bytes of transcripts are read for one dream, newest transcripts first."""
_MAX_RESULT_CHARACTERS = 4_000_000
"""How many characters of tool results are compared with what is written, the latest ones."""
_MIN_REPEATED_LENGTH = 40
"""A line of this many characters is long enough that a note does not repeat it from a tool result by chance."""

Record = dict[str, Any]


def writers(root: Path, layout: str, paths: Iterable[str], *, since: datetime) -> dict[str, Written]:
    """Return for each note the last session whose transcript shows that it wrote the note after `since`, if any.

    Empty for layouts without transcripts.
    """
    if layout != LAYOUT.name or root.name != "memory":
        return {}
    wanted, place = frozenset(paths), f"/{root.parent.name}/{root.name}/"
    found: dict[str, Written] = {}
    left = _MAX_BYTES
    for size, transcript in _newest_first(root.parent, since):
        if left <= 0 or len(found) == len(wanted):
            break
        with suppress(OSError), transcript.open("rb") as file:
            file.seek(max(0, size - left))  # a line that this cuts in two fails to parse, and is skipped
            lines = iter(lambda: file.readline(_LINE_BYTES), b"")
            for path, written in read_transcript(lines, place, wanted, transcript.stem, since=since).items():
                found.setdefault(path, written)
        left -= size
    return found


def _newest_first(project: Path, since: datetime) -> list[tuple[int, Path]]:
    """Return (size, path) of the transcripts modified after `since`, including those of subagents, newest first."""
    dated = []
    for pattern in ("*.jsonl", "*/subagents/**/*.jsonl"):
        with suppress(OSError):
            for path in project.glob(pattern):
                with suppress(OSError):
                    status = path.lstat()
                    if path.is_file() and not path.is_symlink() and status.st_mtime >= since.timestamp():
                        dated.append((status.st_mtime_ns, status.st_size, path))
    return [(size, path) for _, size, path in sorted(dated, reverse=True)]


def read_transcript(
    lines: Iterable[bytes], place: str, wanted: frozenset[str], session: str, *, since: datetime
) -> dict[str, Written]:
    """Return who wrote which of the `wanted` notes according to the lines of one transcript.

    `place` is the end of the root's path, between slashes. `session` is the name for messages that give no session id.
    Never raises, whatever the bytes.
    """
    reader = _Reader(place, wanted, session, since)
    for line in lines:
        if reader.may_matter(line):
            with suppress(ValueError, RecursionError):
                record = json.loads(line)
                if isinstance(record, dict):
                    reader.process(record)
    return reader.found


@dataclass(slots=True)
class _Reader:
    """Reads one transcript, and remembers recent tool results to recognise notes that repeat them."""

    place: str
    wanted: frozenset[str]
    session: str
    since: datetime
    found: dict[str, Written] = field(default_factory=dict)
    markers: tuple[bytes, ...] = ()
    fetching_ids: set[str] = field(default_factory=set)
    tool_results: deque[str] = field(default_factory=deque)
    result_characters: int = 0

    def __post_init__(self) -> None:
        forms = {json.dumps(self.place, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
        self.markers = (*_MARKERS, *(form.encode("utf-8", "surrogateescape") for form in forms))

    def may_matter(self, line: bytes) -> bool:
        """Whether a line may matter; most do not, and are not parsed."""
        return any(mark in line for mark in self.markers) or any(
            use_id.encode("utf-8", "replace") in line for use_id in self.fetching_ids
        )

    def process(self, record: Record) -> None:
        """Process one message."""
        message = record.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            if not isinstance(block, dict):
                continue
            if block.get("type") == "tool_use":
                self._tool_use(record, str(block.get("name")), str(block.get("id")), block.get("input"))
            elif block.get("type") == "tool_result" and str(block.get("tool_use_id")) in self.fetching_ids:
                self.fetching_ids.discard(str(block.get("tool_use_id")))
                self._remember(" ".join(_strings(block.get("content"))))

    def _tool_use(self, record: Record, tool: str, use_id: str, tool_input: object) -> None:
        values = tool_input if isinstance(tool_input, dict) else {}
        command = str(values.get("command", "")) if tool == "Bash" else ""
        if _FROM_OUTSIDE.match(tool) or _FETCHES.search(command):
            self.fetching_ids.add(use_id)
        if _timestamp(record.get("timestamp"), self.since) < self.since:
            return
        target = os.path.normpath(str(values.get("file_path", ""))) if tool in _WRITING else ""
        path = target.rpartition(self.place)[2]
        if path != target and path in self.wanted:
            self._note(record, path, outside=self._repeats(_strings(values)))
        if self.place in command:
            outside = bool(_FETCHES.search(command)) or self._repeats((command,))
            for named in self.wanted:
                if self.place + named in command:
                    self._note(record, named, outside=outside)

    def _note(self, record: Record, path: str, *, outside: bool) -> None:
        session = record.get("sessionId")
        before = self.found.get(path)
        self.found[path] = Written(
            session if isinstance(session, str) and session else self.session,
            outside or bool(before and before.outside),
        )

    def _remember(self, text: str) -> None:
        text = _normalised(text)[-_MAX_RESULT_CHARACTERS:]
        self.tool_results.append(text)
        self.result_characters += len(text)
        while self.result_characters > _MAX_RESULT_CHARACTERS:
            self.result_characters -= len(self.tool_results.popleft())

    def _repeats(self, texts: Iterable[str]) -> bool:
        """Whether a line of the written texts was in an earlier tool result."""
        lines = (
            _normalised(line).lstrip("-*+#>0123456789. ") for text in texts for line in text.splitlines()
        )
        return any(
            line in result
            for line in lines
            if len(line) >= _MIN_REPEATED_LENGTH
            for result in self.tool_results
        )


def _strings(value: object, depth: int = 4) -> Iterator[str]:
    """Yield every string in the input or the result of a tool."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _strings(item, depth - 1)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _strings(item, depth - 1)


def _normalised(text: str) -> str:
    return " ".join(text.casefold().split())


def _timestamp(text: object, otherwise: datetime) -> datetime:
    with suppress(ValueError):
        found = datetime.fromisoformat(text) if isinstance(text, str) else otherwise
        return found if found.tzinfo else otherwise
    return otherwise
