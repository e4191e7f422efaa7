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
_MARKS = (b'"WebFetch"', b'"WebSearch"', b'"mcp__', b"curl", b"wget")
_LINE_BYTES = 8_000_000
_MOST_BYTES = 256_000_000
"""How many bytes of transcripts are read for one dream, newest transcripts first."""
_HEARD_CHARACTERS = 4_000_000
"""How many characters of tool results are compared with what is written, the latest ones."""
_REPEATED = 40
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
    left = _MOST_BYTES
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
        if reader.concerns(line):
            with suppress(ValueError, RecursionError):
                record = json.loads(line)
                if isinstance(record, dict):
                    reader.hear(record)
    return reader.found


@dataclass(slots=True)
class _Reader:
    """Reads one transcript, and remembers recent tool results to recognise notes that repeat them."""

    place: str
    wanted: frozenset[str]
    session: str
    since: datetime
    found: dict[str, Written] = field(default_factory=dict)
    marks: tuple[bytes, ...] = ()
    fetching: set[str] = field(default_factory=set)
    heard: deque[str] = field(default_factory=deque)
    characters: int = 0

    def __post_init__(self) -> None:
        forms = {json.dumps(self.place, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
        self.marks = (*_MARKS, *(form.encode("utf-8", "surrogateescape") for form in forms))

    def concerns(self, line: bytes) -> bool:
        """Whether a line may matter; most do not, and are not parsed."""
        return any(mark in line for mark in self.marks) or any(
            number.encode("utf-8", "replace") in line for number in self.fetching
        )

    def hear(self, record: Record) -> None:
        """Process one message."""
        message = record.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            if not isinstance(block, dict):
                continue
            if block.get("type") == "tool_use":
                self._use(record, str(block.get("name")), str(block.get("id")), block.get("input"))
            elif block.get("type") == "tool_result" and str(block.get("tool_use_id")) in self.fetching:
                self.fetching.discard(str(block.get("tool_use_id")))
                self._remember(" ".join(_texts(block.get("content"))))

    def _use(self, record: Record, tool: str, number: str, given: object) -> None:
        values = given if isinstance(given, dict) else {}
        command = str(values.get("command", "")) if tool == "Bash" else ""
        if _FROM_OUTSIDE.match(tool) or _FETCHES.search(command):
            self.fetching.add(number)
        if _moment(record.get("timestamp"), self.since) < self.since:
            return
        target = os.path.normpath(str(values.get("file_path", ""))) if tool in _WRITING else ""
        path = target.rpartition(self.place)[2]
        if path != target and path in self.wanted:
            self._note(record, path, outside=self._repeats(_texts(values)))
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
        text = _normal(text)[-_HEARD_CHARACTERS:]
        self.heard.append(text)
        self.characters += len(text)
        while self.characters > _HEARD_CHARACTERS:
            self.characters -= len(self.heard.popleft())

    def _repeats(self, texts: Iterable[str]) -> bool:
        """Whether a line of the written texts was in an earlier tool result."""
        lines = (_normal(line).lstrip("-*+#>0123456789. ") for text in texts for line in text.splitlines())
        return any(line in heard for line in lines if len(line) >= _REPEATED for heard in self.heard)


def _texts(value: object, depth: int = 4) -> Iterator[str]:
    """Yield every string in the input or the result of a tool."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _texts(item, depth - 1)
    elif depth and isinstance(value, list):
        for item in value:
            yield from _texts(item, depth - 1)


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _moment(text: object, otherwise: datetime) -> datetime:
    with suppress(ValueError):
        found = datetime.fromisoformat(text) if isinstance(text, str) else otherwise
        return found if found.tzinfo else otherwise
    return otherwise
