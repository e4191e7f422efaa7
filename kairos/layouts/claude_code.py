"""Claude Code: `<base>/projects/<slug>/memory`, subagents in `agent-memory/<agent>`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kairos.layouts.layout import INDEX, Environment, FoundRoot, Layout

LAYOUT = Layout("claude-code", foreign_lock=".consolidate-lock")

_ROOT = re.compile(r"/projects/[^/]+/memory\Z|/agent-memory(?:-local)?/[^/]+\Z")
_HEAD = re.compile(
    rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?:.*\n)*?[ \t]*(?:type|node_type|originSessionId):", re.MULTILINE
)
_HEAD_BYTES = 2048
_LINES_READ = 50
_NOTES_READ = 20


def is_claude_code(root: Path) -> bool:
    """Whether a directory looks like one of Claude Code's: by its place, or by the heads of its notes."""
    if _ROOT.search(root.as_posix()):
        return True
    with suppress(OSError):
        if not (root / INDEX).is_file():
            return False
        notes = sorted(path for path in root.glob("*.md") if path.name != INDEX and path.is_file())
        return any(_has_typed_head(note) for note in notes[:_NOTES_READ])
    return False


def _has_typed_head(note: Path) -> bool:
    try:
        with note.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return _HEAD.match(head) is not None


def find_roots(env: Environment, home: Path) -> Iterator[FoundRoot]:
    """Yield the memory directories of Claude Code, projects first."""
    configured = env.get("CLAUDE_CONFIG_DIR", "")
    base = Path(configured) if configured else home / ".claude"
    for root in _directories(base, "projects/*/memory"):
        yield FoundRoot(root, LAYOUT.name, _project(root.parent))
    for root in _directories(base, "agent-memory/*"):
        yield FoundRoot(root, LAYOUT.name)


def _directories(base: Path, pattern: str) -> list[Path]:
    try:
        return sorted(path for path in base.glob(pattern) if path.is_dir() and any(path.glob("*.md")))
    except OSError:
        return []


def _project(directory: Path) -> str:
    """Return the project's path from `cwd` in its newest transcript: the directory's name is a lossy slug."""
    with suppress(OSError):
        transcripts = sorted(directory.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        for transcript in reversed(transcripts[-3:]):
            with transcript.open("rb") as lines:
                for _, line in zip(range(_LINES_READ), lines, strict=False):
                    cwd = _cwd(line)
                    if cwd:
                        return cwd
    return ""


def _cwd(line: bytes) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    cwd = record.get("cwd") if isinstance(record, dict) else None
    return cwd if isinstance(cwd, str) else ""
